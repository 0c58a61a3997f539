import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { hasDebianPrograms } from '../kit/debian-program.js'
import { openKit } from '../kit/kit.js'
import { bioAge, predict } from '../kit/operations.js'
import { ALERTS, Prometheus, promtool } from '../kit/prometheus.js'

const kit = await openKit()
const SOON = { timeout: 60_000, interval: 500 }

/** The series that an expression asks for. */
const selectors = (expr: string): string[] =>
  expr.match(/\b(?:presage_\w+|up)(?:\{[^}]*\})?/g) ?? []

/** So long each series lasts, a sample every 15 s. */
const SAMPLES = 80

const steady = (value: number) => `${value}x${SAMPLES}`
const rising = (from: number, by: number) => `${from}+${by}x${SAMPLES}`
const operations = (ok: number, error: number) => ({
  'presage_graphql_operation_seconds_count{outcome="ok"}': rising(0, ok),
  'presage_graphql_operation_seconds_count{outcome="error"}': rising(0, error),
})

type Series = Readonly<Record<string, string>>

/** Of each alert: how many minutes it waits, what wakes it, and what is still well. */
const STORIES: [alert: string, minutes: number, bad: Series, good: Series][] = [
  ['LedgerOutOfBalance', 1, ...both('presage_ledger_balanced', steady(0), steady(1))],
  ['NoServer', 1, ...both('up{job="server"}', steady(0), steady(1))],
  ['NoWorker', 1, ...both('presage_workers', steady(0), steady(1))],
  ['PredictionsOverdue', 5, ...both('presage_outbox_overdue', steady(1), steady(0))],
  ['QueueOld', 5, ...both('presage_queue_oldest_seconds{model="m"}', steady(61), steady(60))],
  ['Poison', 0, ...both('presage_worker_poison_total', rising(0, 1), steady(3))],
  ['OperationsFail', 10, operations(90, 10), operations(96, 4)],
]

function both(series: string, bad: string, good: string): [Series, Series] {
  return [{ [series]: bad }, { [series]: good }]
}

/** A test of promtool's own: whether an alert fires so many seconds into these series. */
const storyOf = (alert: string, series: Series, atS: number, fires: boolean) => ({
  interval: '15s',
  input_series: Object.entries({ 'up{job="server"}': steady(1), ...series }).map(
    ([name, values]) => ({ series: name, values }),
  ),
  promql_expr_test: [
    {
      expr: `count(ALERTS{alertname="${alert}", alertstate="firing"}) or vector(0)`,
      eval_time: `${atS}s`,
      exp_samples: [{ labels: '{}', value: Number(fires) }],
    },
  ],
})

// Without apt there is no Prometheus to be had here.
describe.skipIf(!hasDebianPrograms)('the alerts', () => {
  it('ask for series that a real stack has, sleep while it is well and wake when it is not', {
    timeout: 300_000,
  }, async () => {
    const stack = await kit.stack({ env: { METRICS_PORT: '0', FIGURES_EVERY_MS: '500' } })
    const prometheus = await Prometheus.of(stack)
    const api = stack.api(await kit.user({ balance: 100 }))
    await predict(api, bioAge(), { waitMs: 5_000 })
    await api.ask('{ node(id: "nothing") { id } }')
    const rules = await vi.waitFor(async () => {
      const all = await prometheus.rules()
      expect(all.map(({ health }) => health)).toEqual(all.map(() => 'ok'))
      return all
    }, SOON)
    expect(rules.map(({ name }) => name)).toEqual(STORIES.map(([alert]) => alert))
    for (const { name, query } of rules)
      for (const selector of selectors(query))
        await vi.waitFor(
          async () =>
            expect(await prometheus.ask(selector), `${name}: ${selector}`).not.toEqual([]),
          SOON,
        )

    const awake = async () =>
      (await prometheus.rules()).filter(({ state }) => state !== 'inactive').map(({ name }) => name)
    for (let i = 0; i < 40; i++) await predict(api)
    await vi.waitFor(async () => expect(await awake()).toEqual([]), SOON)
    await stack.workers[0]?.stop()
    await vi.waitFor(async () => expect(await awake()).toEqual(['NoWorker']), SOON)
    await kit.db.pool.query('UPDATE wallets SET balance = balance + 1')
    const two = ['LedgerOutOfBalance', 'NoWorker']
    await vi.waitFor(async () => expect(await awake()).toEqual(two), SOON)
    for (let i = 0; i < 40; i++) await api.ask('{ node(id: "nothing") { id } }')
    await vi.waitFor(async () => expect(await awake()).toContain('OperationsFail'), SOON)
    await stack.servers[0]?.stop()
    await vi.waitFor(async () => expect(await awake()).toContain('NoServer'), SOON)
  })

  it.each(STORIES)('%s fires in its time, and not without need', (alert, minutes, bad, good) => {
    const folder = mkdtempSync(join(tmpdir(), 'presage-alerts-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const tests = [
      storyOf(alert, bad, minutes * 60 + 60, true),
      ...(minutes > 0 ? [storyOf(alert, bad, minutes * 60 - 30, false)] : []),
      storyOf(alert, good, minutes * 60 + 300, false),
    ]
    const file = join(folder, 'alerts.test.yml')
    writeFileSync(file, JSON.stringify({ rule_files: [ALERTS], evaluation_interval: '15s', tests }))
    expect(promtool('test', 'rules', file)).toContain('SUCCESS')
  })
})
