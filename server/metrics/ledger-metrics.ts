import type { Operations } from '@presage/domain/operations/operations'
import type { LedgerHealth } from '@presage/domain/wallet/ledger-health'
import { Gauge, type Registry } from 'prom-client'

const FIGURES: readonly [name: string, help: string, of: (health: LedgerHealth) => number][] = [
  ['balanced', '1 = every check of the books holds', ({ balanced }) => Number(balanced)],
  ['trial_balance', 'Credits that the books are off by', (it) => Number(it.trialBalance)],
  ['wallets_off', 'Wallets that differ from their transfers', ({ walletsOff }) => walletsOff],
  ['held', 'Credits held for open predictions', ({ held }) => Number(held)],
  ['captured', 'Credits captured, ever', ({ captured }) => Number(captured)],
  ['released', 'Credits released, ever', ({ released }) => Number(released)],
]

/**
 * The books, the outbox and the users' average age, from figures that are read at their own pace:
 * a scrape takes what is known and waits for nothing. What was never read has no series yet.
 */
export function ledgerMetrics(registry: Registry, operations: Operations): void {
  const gauge = (name: string, help: string, read: () => number | undefined) =>
    new Gauge({
      name: `presage_${name}`,
      help,
      registers: [registry],
      collect() {
        const value = read()
        if (value === undefined) this.remove()
        else this.set(value)
      },
    })
  const { ledger, outbox, age } = operations
  for (const [name, help, of] of FIGURES)
    gauge(`ledger_${name}`, help, () => (ledger.latest ? of(ledger.latest.value) : undefined))
  gauge('ledger_checked_timestamp_seconds', 'When the books were last checked', () => {
    const at = ledger.latest?.at.getTime()
    return at === undefined ? undefined : at / 1000
  })
  gauge('outbox_open', 'Predictions queued or running', () => outbox.latest?.value.open)
  gauge(
    'outbox_overdue',
    'Open predictions 30 s past their turn',
    () => outbox.latest?.value.overdue,
  )
  gauge('outbox_oldest_seconds', 'Age of the oldest open prediction; 0 = there is none', () =>
    outbox.latest ? secondsSince(outbox.latest.value.oldestQueuedAt) : undefined,
  )
  gauge('outbox_oldest_due_seconds', 'How far the next turn is past; 0 = it is to come', () =>
    outbox.latest ? secondsSince(outbox.latest.value.nextDueAt) : undefined,
  )
  gauge('bio_age_mean_age_years', 'Mean of the ages given, from 20 people on', () => {
    return age.latest?.value?.years
  })
  gauge('bio_age_people', 'How many people that mean is of', () => age.latest?.value?.people)
}

const secondsSince = (date: Date | null): number =>
  date ? Math.max(0, Date.now() - date.getTime()) / 1000 : 0
