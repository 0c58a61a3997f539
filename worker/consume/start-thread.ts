import { Worker } from 'node:worker_threads'

/**
 * Starts a file as a worker thread. One in TypeScript, as in the tests and `pnpm dev`, first
 * registers the loader for it: Node 20 does not hand loaders on to the entry of a thread.
 */
export function startThread(file: URL, workerData: unknown): Worker {
  if (!file.pathname.endsWith('.ts')) return new Worker(file, { workerData, execArgv: [] })
  const boot = `import('tsx/esm/api').then(({ register }) => {
    register()
    return import(${JSON.stringify(file.href)})
  })`
  return new Worker(boot, { eval: true, workerData, execArgv: ['--conditions=presage-source'] })
}
