import { Counter, Histogram, type Registry } from 'prom-client'

/** One request that was answered, a stream when its last event had left. */
export interface HttpReport {
  method: string | undefined
  /** A path of ours, or `other`. */
  route: string
  status: number
  ms: number
  /** It was a stream, whose length says nothing of the server. */
  isStream: boolean
}

const METHODS = new Set(['GET', 'POST', 'HEAD', 'OPTIONS'])

/** Counts requests by what is ours to name: never by a path or method that a caller made up. */
export function httpMetrics(registry: Registry): (report: HttpReport) => void {
  const registers = [registry]
  const requests = new Counter({
    name: 'presage_http_requests_total',
    help: 'Requests answered',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const seconds = new Histogram({
    name: 'presage_http_request_seconds',
    help: 'Time to answer a request, streams left out',
    labelNames: ['route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
    registers,
  })
  return ({ method = '', route, status, ms, isStream }) => {
    requests.inc({ method: METHODS.has(method) ? method : 'other', route, status })
    if (!isStream) seconds.observe({ route }, ms / 1000)
  }
}
