import { parentPort } from 'node:worker_threads'

// Stays, and never says that its models are open.
parentPort?.on('message', () => {})
