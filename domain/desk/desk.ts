import type { Domain } from '../domain.js'
import { Recorder } from './recorder.js'

/** What every function of the desk stands on; made once for each server. */
export interface Desk {
  readonly domain: Domain
  readonly recorder: Recorder
}

export const createDesk = (domain: Domain): Desk => ({ domain, recorder: new Recorder(domain) })
