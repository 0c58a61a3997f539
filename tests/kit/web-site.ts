import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** A site of its own, whose one page has the SDK as a browser gets it. */
export class WebSite {
  readonly #server

  private constructor(script: string) {
    const page = `<!doctype html><title>A site</title><script>${script}</script>`
    this.#server = createServer((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end(page),
    )
  }

  static async open(): Promise<WebSite> {
    const site = new WebSite(await bundled())
    await new Promise<void>((resolve) => site.#server.listen(0, '127.0.0.1', resolve))
    return site
  }

  /** Also the address of its page. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

/** The SDK and what the page does with it, in one script as a bundler of a web application makes it. */
async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./page-caller.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    conditions: ['presage-source'],
    // For Node alone.
    external: ['ws'],
  })
  return (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script')
}
