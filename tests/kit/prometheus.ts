import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@presage/deploy/process/free-port'
import { startUntilReady, stopService } from '@presage/deploy/process/service'
import { repositoryRoot } from '@presage/deploy/repository'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { debianProgram } from './debian-program.js'
import { internalUrlOf } from './scrape.js'
import type { Stack } from './stack.js'

/** The rules that ship. */
export const ALERTS = join(repositoryRoot, 'deploy', 'compose', 'prometheus', 'alerts.yml')

const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
})

const rulesSchema = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            name: z.string(),
            query: z.string(),
            health: z.string(),
            state: z.enum(['inactive', 'pending', 'firing']),
          }),
        ),
      }),
    ),
  }),
})

/** An alert's rule as Prometheus has it, and how it stands. */
export type AlertRule = z.infer<typeof rulesSchema>['data']['groups'][number]['rules'][number]

/** A real Prometheus with the rules that ship, which looks every second. */
export class Prometheus {
  private constructor(readonly url: string) {}

  /** Scrapes the first server and the first worker of a stack; ends with the test. */
  static async of(stack: Stack): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'presage-prometheus-'))
    const every = { scrape_interval: '1s', evaluation_interval: '1s' }
    // By the names of the configuration that ships.
    const jobs = ['server', 'worker'].map((job_name) => ({
      job_name,
      static_configs: [{ targets: [new URL(internalUrlOf(stack, `${job_name}-1`)).host] }],
    }))
    const config = { global: every, rule_files: [ALERTS], scrape_configs: jobs }
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config))
    const prometheus = new Prometheus(`http://127.0.0.1:${await freePort()}`)
    await prometheus.#start(folder)
    return prometheus
  }

  /** The values of a query's series. */
  async ask(expr: string): Promise<number[]> {
    const answer = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(expr)}`)
    const { data } = answerSchema.parse(await answer.json())
    return data.result.map(({ value: [, text] }) => Number(text))
  }

  async rules(): Promise<AlertRule[]> {
    const answer = await fetch(`${this.url}/api/v1/rules?type=alert`)
    const { data } = rulesSchema.parse(await answer.json())
    return data.groups.flatMap(({ rules }) => rules)
  }

  async #start(folder: string): Promise<void> {
    const flags = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${new URL(this.url).host}`,
    ]
    const service = await startUntilReady(
      {
        name: 'Prometheus',
        command: [debianProgram('prometheus'), ...flags],
        logFile: join(folder, 'prometheus.log'),
        recordFile: join(folder, 'prometheus.process'),
      },
      () =>
        fetch(`${this.url}/-/ready`).then(
          ({ ok }) => ok,
          () => false,
        ),
      60_000,
    )
    onTestFinished(async () => {
      await stopService(service, [['SIGTERM', 10_000]])
      rmSync(folder, { recursive: true, force: true })
    })
  }
}

/**
 * What Prometheus' own tool says.
 *
 * @throws with what it found wrong.
 */
export const promtool = (...args: string[]): string =>
  execFileSync(debianProgram('prometheus').replace(/prometheus$/, 'promtool'), args, {
    encoding: 'utf8',
  })
