import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stack } from './stack.js'

/** One scrape of a process, as Prometheus reads it. */
export class Scrape {
  constructor(readonly text: string) {}

  /** The value of a series, by its name and its labels in any order; undefined = there is none. */
  value(name: string, labels: Record<string, string> = {}): number | undefined {
    const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`)
    const line = this.lines.find(
      (each) =>
        (each.startsWith(`${name}{`) || each.startsWith(`${name} `)) &&
        wanted.every((label) => each.includes(label)),
    )
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1))
  }

  /** All series of ours, without their values. */
  get series(): string[] {
    return this.lines
      .filter((line) => line.startsWith('presage_'))
      .map((line) => line.slice(0, line.lastIndexOf(' ')))
      .sort()
  }

  get lines(): string[] {
    return this.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  }
}

/** Where a program of a stack with METRICS_PORT=0 has its figures, as its log says. */
export function internalUrlOf({ dataDir }: Stack, name: string): string {
  const log = readFileSync(join(dataDir, 'logs', `${name}.log`), 'utf8')
  const url = /"internalUrl":"([^"]+)"/.exec(log)?.[1]
  if (!url) throw new Error(`${name} has told no address of its figures`)
  return url
}

export const scrape = async (internalUrl: string): Promise<Scrape> =>
  new Scrape(await (await fetch(`${internalUrl}/metrics`)).text())
