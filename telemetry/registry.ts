import { collectDefaultMetrics, Registry } from 'prom-client'

/** The figures of one process, those of Node.js itself among them. */
export function openRegistry(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}
