import { createRequire } from 'node:module'
import { configDefaults, defineConfig } from 'vitest/config'

/** Packages resolve to their TypeScript sources, as in `pnpm dev`; nothing needs to be built. */
const conditions = ['presage-source', 'node']

/** graphql refuses types of a second copy of itself, and its ESM and CommonJS files are two. */
const alias = [
  {
    find: /^graphql$/,
    replacement: createRequire(import.meta.resolve('./schema/package.json')).resolve('graphql'),
  },
]

const resolve = { conditions, alias }
const fromSource = { resolve, ssr: { resolve } }

const exclude = [...configDefaults.exclude, '**/generated/**', '.data/**', '.cache/**']

/** Units that put something else in a module's place, which the files beside them must not see. */
const ALONE = ['models/bio-age/train-network.test.ts', 'client/sdk/documents.test.ts']

/** A flow whose server has a catalogue of its own in a process: the schema of one is that of its first. */
const FLOWS_ALONE = ['tests/flow/desk/score-diff-versions.test.ts']

/** Files run two at a time: most of a flow's time is waiting, and one leaves half of two cores idle. */
const maxWorkers = 2

export default defineConfig({
  ...fromSource,
  test: {
    projects: [
      {
        ...fromSource,
        test: {
          name: 'unit',
          maxWorkers,
          include: ['**/*.test.{ts,mjs}'],
          exclude: [...exclude, 'tests/**', ...ALONE],
          // Loading each file's modules anew was two of five minutes.
          isolate: false,
          // Some start a real PostgreSQL or nats-server.
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      { ...fromSource, test: { name: 'alone', maxWorkers, include: ALONE, testTimeout: 30_000 } },
      {
        ...fromSource,
        test: {
          name: 'flow',
          maxWorkers,
          include: ['tests/flow/**/*.test.ts'],
          exclude: [...exclude, ...FLOWS_ALONE],
          globalSetup: ['tests/kit/global-setup.ts'],
          isolate: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...fromSource,
        test: {
          name: 'flow-alone',
          maxWorkers,
          include: FLOWS_ALONE,
          globalSetup: ['tests/kit/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...fromSource,
        test: {
          name: 'chaos',
          include: ['tests/chaos/**/*.test.ts', 'tests/soak/**/*.test.ts'],
          exclude,
          // Each kills and restarts servers of its own: one at a time, or the machine is the fault.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
