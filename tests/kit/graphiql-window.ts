import type { Browser, Page } from 'playwright-core'
import { vi } from 'vitest'

/** A machine with other work needs long to show 9 MB of script. */
const BOUND_MS = 60_000

/** The page takes a tab's click while it still sets itself up, and then forgets it. */
const TAB_SHOWN_MS = 2_000

/** The lines of the answer as they stand below each other, without the spaces between and in them. */
const SHOWN = `[...document.querySelectorAll('.result-window .view-line')]
  .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top))
  .map((line) => line.textContent)
  .join('')
  .replaceAll(/\\s+/g, '')`

/** GraphiQL in a browser window, moved as its user would. */
export class GraphiQLWindow {
  /** The origins of all requests and sockets. */
  readonly origins = new Set<string>()
  /** Errors in the browser's console, and exceptions of the page. */
  readonly faults: string[] = []

  private constructor(readonly page: Page) {
    page.setDefaultTimeout(BOUND_MS)
    page.on('request', (request) => this.origins.add(new URL(request.url()).origin))
    page.on('websocket', (socket) => this.origins.add(new URL(socket.url()).origin))
    page.on('pageerror', (error) => this.faults.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text())
    })
  }

  /** Opens the page and waits until its editors are there. */
  static async open(browser: Browser, url: string): Promise<GraphiQLWindow> {
    const page = await browser.newPage({ viewport: { width: 1600, height: 1600 } })
    const window = new GraphiQLWindow(page)
    await page.goto(`${url}/graphql`)
    await page.locator('.graphiql-query-editor .view-line').first().waitFor()
    return window
  }

  /** The titles of the tabs. */
  tabs(): Promise<string[]> {
    return this.page.locator('button.graphiql-tab-button').allTextContents()
  }

  choose(tab: string): Promise<void> {
    const button = this.page.locator('button.graphiql-tab-button', { hasText: tab })
    const active = this.page.locator('.graphiql-tab-active', { has: button })
    const click = async () => {
      await button.click()
      await active.waitFor({ timeout: TAB_SHOWN_MS })
    }
    return vi.waitFor(click, { timeout: BOUND_MS })
  }

  /** Sends this access token with the operations of the tab. */
  async authorize(accessToken: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Headers', exact: true }).click()
    await this.page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden)').click()
    await this.page.keyboard.insertText(`{ "authorization": "Bearer ${accessToken}" }`)
  }

  async run(): Promise<void> {
    await this.page.locator('button.graphiql-execute-button').click()
  }

  /** Waits until the answer, without its spaces, matches, and gives the groups of the match. */
  shown(answer: RegExp): Promise<readonly string[]> {
    const look = async () => {
      const text = await this.page.evaluate<string>(SHOWN)
      const match = answer.exec(text)
      if (!match) throw new Error(`GraphiQL does not show ${answer}, but: ${text}`)
      return match
    }
    return vi.waitFor(look, { timeout: BOUND_MS, interval: 100 })
  }
}
