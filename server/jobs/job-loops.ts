import { refreshCatalogue } from '@presage/domain/catalogue/refresh-catalogue'
import { openAmong } from '@presage/domain/predictions/open-among'
import type { Announcer } from './announce.js'
import { type DueParts, dueTurn } from './due.js'
import { type HousekeepingOptions, housekeeping } from './housekeeping.js'
import { Repeating } from './repeating.js'

const DUE_EVERY_MS = 1000
/** So long, or a fifth longer, a lost hint delays a watcher. */
const REREAD_EVERY_MS = 5000
/** So long, or a fifth longer, a lost hint lets another version be sold here than elsewhere. */
const REFRESH_EVERY_MS = 3000
/** So long a key that has reached its limit here may go on elsewhere. */
const TELL_REQUESTS_EVERY_MS = 250
/** Predictions that one look for lost ends asks about. */
const UNHEARD_PAGE = 2000

/** A version is on sale that this server has not: it goes on selling the one before. */
class NotInstalledHereError extends Error {
  override readonly name = 'NotInstalledHereError'

  constructor(missing: readonly string[]) {
    super(`put into MODELS_DIR what is on sale, and restart: ${missing.join(', ')}`)
  }
}

export interface JobLoopsParts extends DueParts, HousekeepingOptions {
  broker: DueParts['broker']
  announcer: Announcer
}

/** What a server does again and again, and the two of it that may be brought forward. */
export interface JobLoops {
  readonly due: Repeating
  readonly sale: Repeating
  readonly all: readonly Repeating[]
}

/** The loops of a server, none of which runs yet. */
export function jobLoops(parts: JobLoopsParts): JobLoops {
  const { domain, broker, announcer, log } = parts
  const reread = async () => {
    domain.signals.notifyAll()
    domain.heldHere.forgetOld()
  }
  const tell = async () => {
    const untold = broker.connection && domain.identity.keyRequests.takeUntold()
    if (untold) announcer.keyRequests(untold)
  }
  const refresh = async () => {
    const missing = await refreshCatalogue(domain)
    if (missing.length > 0) throw new NotInstalledHereError(missing)
  }
  const due = new Repeating('the due loop', DUE_EVERY_MS, log, () => dueTurn(parts))
  const sale = new Repeating('reading what is on sale', REFRESH_EVERY_MS, log, refresh)
  const all = [
    due,
    sale,
    new Repeating('re-reading', REREAD_EVERY_MS, log, reread),
    new Repeating('looking for lost ends', REREAD_EVERY_MS, log, () => findEnds(parts)),
    new Repeating('telling of requests', TELL_REQUESTS_EVERY_MS, log, tell),
    ...housekeeping(domain, parts),
  ]
  return { due, sale, all }
}

/** Finds ends whose hint was lost, so that they do not block those behind them for ever. */
async function findEnds({
  domain,
  fairShare,
}: Pick<JobLoopsParts, 'domain' | 'fairShare'>): Promise<void> {
  const unheard = fairShare.unheard(Date.now() - REREAD_EVERY_MS, UNHEARD_PAGE)
  if (unheard.length === 0) return
  const open = await openAmong(
    domain.db.pool,
    unheard.map(({ id }) => id),
  )
  fairShare.ended(unheard.filter(({ id }) => !open.has(id)))
}
