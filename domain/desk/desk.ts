import type { Domain } from '../domain.js'
import { Recorder } from './recorder.js'
import { Runner } from './runs/runner.js'

/** What every function of the desk stands on; made once for each server. */
export interface Desk {
  readonly domain: Domain
  readonly recorder: Recorder
  readonly runner: Runner
}

/** Puts the desk together. */
export function createDesk(domain: Domain): Desk {
  const recorder = new Recorder(domain)
  return { domain, recorder, runner: new Runner({ domain, recorder }) }
}
