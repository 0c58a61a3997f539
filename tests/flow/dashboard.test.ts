import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '@presage/deploy/repository'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { hasDebianPrograms } from '../kit/debian-program.js'
import { openKit } from '../kit/kit.js'
import { bioAge, predict } from '../kit/operations.js'
import { ALERTS, Prometheus, promtool } from '../kit/prometheus.js'
import { manyAges, predictMany } from './bulk/bulk-operations.js'

const kit = await openKit()
const FOLDER = join(repositoryRoot, 'deploy', 'compose')
const SOON = { timeout: 60_000, interval: 500 }

const dashboardSchema = z.object({
  panels: z.array(
    z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) }),
  ),
})

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

// Without apt there is no Prometheus to be had here.
describe.skipIf(!hasDebianPrograms)('what Prometheus and Grafana are given', () => {
  it('is a configuration that Prometheus takes, alerts included', () => {
    expect(promtool('check', 'rules', ALERTS)).toMatch(/SUCCESS: \d+ rules found/)
    const config = join(FOLDER, 'prometheus', 'prometheus.yml')
    const text = readFileSync(config, 'utf8').replace('/etc/prometheus/alerts.yml', ALERTS)
    const copy = join(mkdtempSync(join(tmpdir(), 'presage-prometheus-')), 'prometheus.yml')
    writeFileSync(copy, text)
    expect(promtool('check', 'config', copy)).toContain('SUCCESS')
  })

  it('asks only for figures that a real stack has', { timeout: 240_000 }, async () => {
    const stack = await kit.stack({ env: { METRICS_PORT: '0', FIGURES_EVERY_MS: '500' } })
    const prometheus = await Prometheus.of(stack)
    const api = stack.api(await kit.user({ balance: 10_000 }))
    const events = api.subscribe('subscription { events { __typename } }')
    await events.next()
    // Their mean age is not told of fewer people.
    for (let i = 0; i < 20; i++) await predict(stack.api(await kit.user({ balance: 1 })))
    await predictMany(api, manyAges(3))
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
        const values = await prometheus.ask(expr)
        expect(values, `${panel}: ${expr}`).not.toEqual([])
        expect(values.some(Number.isFinite), `${panel}: ${expr}`).toBe(true)
      }, SOON)
    over = true
    await loading
  })
})
