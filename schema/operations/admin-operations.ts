import type { OutboxFigures } from '@presage/domain/operations/outbox-figures'
import type { Reading } from '@presage/domain/operations/slow-figure'
import type { LedgerHealth as Health } from '@presage/domain/wallet/ledger-health'
import { builder } from '../builder.js'
import type { GraphQLContext, QueueView, WorkerView } from '../context.js'
import { LedgerHealth } from '../wallet/ledger-health.js'
import { everySecond } from './every-second.js'

const ServedModel = builder.objectRef<{ model: string; version: string }>('ServedModel').implement({
  fields: (t) => ({ model: t.exposeString('model'), version: t.exposeString('version') }),
})

const RefusedModel = builder.objectRef<WorkerView['refused'][number]>('RefusedModel').implement({
  description: 'A model version that is installed where a worker runs, and that it cannot open.',
  fields: (t) => ({
    model: t.exposeString('model'),
    version: t.exposeString('version'),
    reason: t.exposeString('reason', { description: 'Which file, and what to do about it.' }),
  }),
})

const Worker = builder.objectRef<WorkerView>('Worker').implement({
  description: 'A worker as it last said of itself; one that is gone is shown for ten minutes.',
  fields: (t) => ({
    name: t.exposeString('worker'),
    backend: t.exposeString('backend', { description: 'tensorflow, wasm or plain.' }),
    models: t.field({ type: [ServedModel], resolve: ({ models }) => models }),
    refused: t.field({
      type: [RefusedModel],
      description: 'Left to other workers.',
      resolve: ({ refused }) => refused,
    }),
    inFlight: t.exposeInt('inFlight', { description: 'Jobs taken and not ended.' }),
    computed: t.field({ type: 'SafeInt', resolve: ({ computed }) => computed }),
    perSecond: t.exposeFloat('perSecond', { description: 'Jobs computed in a second of late.' }),
    alive: t.exposeBoolean('alive', { description: 'Heard in the last 7 s, and not leaving.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    lastSeenAt: t.expose('lastSeenAt', { type: 'DateTime' }),
  }),
})

const JobQueue = builder.objectRef<QueueView>('JobQueue').implement({
  description: 'The jobs of one model version, as NATS told about a second ago.',
  fields: (t) => ({
    model: t.exposeString('model'),
    version: t.exposeString('version'),
    waiting: t.exposeInt('waiting', { description: 'Jobs that no worker has taken.' }),
    taken: t.exposeInt('taken', { description: 'Jobs in workers’ hands.' }),
    perSecond: t.exposeFloat('perSecond', {
      nullable: true,
      description: 'Jobs taken in a second while others waited; null = not seen yet',
    }),
    oldestAt: t.expose('oldestAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the oldest job was published that has not ended; null = none',
    }),
  }),
})

const Outbox = builder.objectRef<OutboxFigures>('Outbox').implement({
  description: 'The open predictions, which are published again until they end.',
  fields: (t) => ({
    open: t.exposeInt('open'),
    overdue: t.exposeInt('overdue', { description: 'Their turn came more than 30 s ago.' }),
    oldestQueuedAt: t.expose('oldestQueuedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'null = none is open',
    }),
    nextDueAt: t.expose('nextDueAt', {
      type: 'DateTime',
      nullable: true,
      description: 'In the past = late; null = none is open',
    }),
  }),
})

interface Figures {
  at: Date
  workers: WorkerView[]
  queues: QueueView[]
  outbox: OutboxFigures
  ledger: Reading<Health>
}

const AdminOperations = builder.objectRef<Figures>('AdminOperations').implement({
  description: 'How the service does at the moment.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    workers: t.field({ type: [Worker], resolve: ({ workers }) => workers }),
    queues: t.field({ type: [JobQueue], resolve: ({ queues }) => queues }),
    outbox: t.field({ type: Outbox, resolve: ({ outbox }) => outbox }),
    ledger: t.field({
      type: LedgerHealth,
      description: 'As of `ledgerCheckedAt`: the books are read about once a minute.',
      resolve: ({ ledger }) => ledger.value,
    }),
    ledgerCheckedAt: t.field({ type: 'DateTime', resolve: ({ ledger }) => ledger.at }),
  }),
})

async function figuresOf({ desk }: GraphQLContext): Promise<Figures> {
  const { outbox, ledger } = desk.figures
  const [open, books] = await Promise.all([outbox.current(), ledger.current()])
  const [workers, queues] = [desk.workers(), desk.queues()]
  return { at: new Date(), workers, queues, outbox: open.value, ledger: books }
}

builder.queryField('adminOperations', (t) =>
  t.field({
    type: AdminOperations,
    description: 'Admins only.',
    authScopes: { admin: true },
    resolve: (_root, _args, context) => figuresOf(context),
  }),
)

builder.subscriptionField('adminOperations', (t) =>
  t.field({
    type: AdminOperations,
    description: 'The figures now, then at most once a second. Admins only.',
    authScopes: { admin: true },
    subscribe: () => everySecond(),
    resolve: (_tick, _args, context) => figuresOf(context),
  }),
)
