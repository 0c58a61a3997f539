import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@presage/deploy/process/free-port'
import { startUntilReady, stopService } from '@presage/deploy/process/service'
import { repositoryRoot } from '@presage/deploy/repository'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { debianProgram, hasDebianPrograms } from '../kit/debian-program.js'
import { openKit } from '../kit/kit.js'
import { bioAge, predict } from '../kit/operations.js'
import { internalUrlOf } from '../kit/scrape.js'

const kit = await openKit()
const FOLDER = join(repositoryRoot, 'deploy', 'compose')
const SOON = { timeout: 60_000, interval: 500 }

const dashboardSchema = z.object({
  panels: z.array(
    z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) }),
  ),
})

const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
})

/** A mean age is not told before enough people have given theirs. */
const MAY_BE_EMPTY = /mean_age/

/** Every query of the dashboards, by its panel. */
function queries(): [panel: string, expr: string][] {
  const folder = join(FOLDER, 'grafana', 'dashboards')
  return readdirSync(folder).flatMap((file) => {
    const { panels } = dashboardSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))
    return panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }): [string, string] => [
        title,
        expr.replaceAll('$__rate_interval', '1m'),
      ]),
    )
  })
}

/** A real Prometheus that scrapes these every second, by the configuration's names. */
async function startPrometheus(targets: Record<'server' | 'worker', string>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'presage-prometheus-'))
  const jobs = Object.entries(targets).map(([job_name, target]) => ({
    job_name,
    static_configs: [{ targets: [target] }],
  }))
  const alerts = join(FOLDER, 'prometheus', 'alerts.yml')
  const config = { global: { scrape_interval: '1s' }, rule_files: [alerts], scrape_configs: jobs }
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config))
  const url = `http://127.0.0.1:${await freePort()}`
  const flags = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${new URL(url).host}`,
  ]
  const service = await startUntilReady(
    {
      name: 'Prometheus',
      command: [debianProgram('prometheus'), ...flags],
      logFile: join(folder, 'prometheus.log'),
      recordFile: join(folder, 'prometheus.process'),
    },
    () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    60_000,
  )
  onTestFinished(async () => {
    await stopService(service, [['SIGTERM', 10_000]])
    rmSync(folder, { recursive: true, force: true })
  })
  return url
}

async function ask(url: string, expr: string): Promise<number[]> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`)
  const { data } = answerSchema.parse(await answer.json())
  return data.result.map(({ value: [, text] }) => Number(text))
}

// Without apt there is no Prometheus to be had here.
describe.skipIf(!hasDebianPrograms)('what Prometheus and Grafana are given', () => {
  it('is a configuration that Prometheus takes, alerts included', () => {
    const promtool = debianProgram('prometheus').replace(/prometheus$/, 'promtool')
    const rules = join(FOLDER, 'prometheus', 'alerts.yml')
    const checked = execFileSync(promtool, ['check', 'rules', rules], { encoding: 'utf8' })
    expect(checked).toMatch(/SUCCESS: \d+ rules found/)
    const config = join(FOLDER, 'prometheus', 'prometheus.yml')
    const text = readFileSync(config, 'utf8').replace('/etc/prometheus/alerts.yml', rules)
    const copy = join(mkdtempSync(join(tmpdir(), 'presage-prometheus-')), 'prometheus.yml')
    writeFileSync(copy, text)
    const taken = execFileSync(promtool, ['check', 'config', copy], { encoding: 'utf8' })
    expect(taken).toContain('SUCCESS')
  })

  it('asks only for figures that a real stack has', { timeout: 180_000 }, async () => {
    const stack = await kit.stack({ env: { METRICS_PORT: '0', FIGURES_EVERY_MS: '500' } })
    const url = await startPrometheus({
      server: new URL(internalUrlOf(stack, 'server-1')).host,
      worker: new URL(internalUrlOf(stack, 'worker-1')).host,
    })
    const user = await kit.user({ balance: 10_000 })
    const api = stack.api(user)
    const events = api.subscribe('subscription { events { __typename } }')
    await events.next()
    let over = false
    onTestFinished(() => {
      over = true
    })
    const load = async () => {
      while (!over) await predict(api, bioAge(), { waitMs: 5_000 })
    }
    const loading = load().catch((error: unknown) => {
      if (!over) throw error
    })
    for (const [panel, expr] of queries())
      await vi.waitFor(async () => {
        const values = await ask(url, expr)
        if (MAY_BE_EMPTY.test(expr)) return
        expect(values, `${panel}: ${expr}`).not.toEqual([])
        expect(values.some(Number.isFinite), `${panel}: ${expr}`).toBe(true)
      }, SOON)
    over = true
    await loading
  })
})
