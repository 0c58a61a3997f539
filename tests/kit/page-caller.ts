import { createPresage, PresageError, type PresageOptions } from '@presage/client'
import { FEATURES } from './blood.js'

/** What a page did and saw, told by value. */
export interface PageReport {
  /** Of the prediction, as the log told them. */
  statuses: string[]
  /** What the call that waited was answered. */
  answered: string
  /** What a second client of the page, which has only the cookie, is signed in as. */
  cookie: boolean
}

/**
 * Opens an account from a page, agrees to what the model asks for, follows the log, runs a prediction and waits for it, all as the SDK
 * does by itself in a browser.
 */
async function callFromPage(options: PresageOptions, email: string): Promise<PageReport> {
  const presage = createPresage({ ...options, retryForMs: 1 })
  await presage.register({ email, password: 'a password of the page' })
  const asked = (await presage.model('bio-age'))?.healthData
  if (asked) await presage.consents.give({ model: 'bio-age', version: asked.consentVersion })
  const statuses: string[] = []
  const events = presage.subscribe.events()
  await events.next()
  const input = { bioAge: { features: { ...FEATURES, sex: 'FEMALE' } } } as const
  const { prediction } = await presage.predict(input, { waitMs: 30_000 })
  for await (const event of events) {
    if (event.__typename !== 'PredictionChanged' || event.to === null) continue
    statuses.push(event.to)
    if (event.to === prediction.status) break
  }
  const again = createPresage(options)
  const cookie = options.delivery === 'COOKIE' && (await again.accessToken()) !== null
  for (const client of [presage, again]) client.close()
  return { statuses, answered: prediction.status, cookie }
}

/** The code of whatever goes wrong. */
const faultOf = (error: unknown) => ({
  fault: error instanceof PresageError ? error.code : String(error),
})

Object.assign(globalThis, {
  callFromPage: (...args: Parameters<typeof callFromPage>) => callFromPage(...args).catch(faultOf),
})
