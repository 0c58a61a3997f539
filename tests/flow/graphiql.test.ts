import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { noChromium, startChromium } from '../kit/chromium.js'
import { GraphiQLWindow } from '../kit/graphiql-window.js'
import { openKit } from '../kit/kit.js'

// The browser is unpacked first, and the page is 9 MB of script.
vi.setConfig({ testTimeout: 180_000 })

const kit = await openKit()
let browser: Browser
let url = ''

beforeAll(async () => {
  if (noChromium) return
  browser = await startChromium()
  const stack = await kit.stack()
  url = stack.servers[0]?.url ?? ''
})
beforeEach(({ skip }) => skip(noChromium !== undefined, noChromium))
afterAll(() => browser?.close())

test('GraphiQL leads from the account to a prediction and its events, with no other host', async () => {
  const window = await GraphiQLWindow.open(browser, url)
  expect(await window.tabs()).toEqual([
    'Register',
    'Models',
    'Agree',
    'Predict',
    'Events',
    'Wallet',
  ])

  await window.run()
  const [, accessToken = ''] = await window.shown(/"accessToken":"([^"]+)"/)

  const beside = await GraphiQLWindow.open(browser, url)
  await beside.choose('Events')
  await beside.authorize(accessToken)
  await beside.run()
  await beside.shown(/"events":\{\}/)

  await window.choose('Agree')
  await window.authorize(accessToken)
  await window.run()
  await window.shown(/"giveConsent":\{"consent":\{"modelName":"bio-age"/)

  await window.choose('Predict')
  await window.authorize(accessToken)
  await window.run()
  const [, id = ''] = await window.shown(/"id":"([^"]+)","status":"SUCCEEDED"/)
  await beside.shown(new RegExp(`"to":"SUCCEEDED","prediction":\\{"id":"${id}"`))

  for (const { origins, faults } of [window, beside]) {
    expect([...origins]).toEqual([url])
    expect(faults).toEqual([])
  }
})
