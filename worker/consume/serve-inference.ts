import type { MessagePort } from 'node:worker_threads'
import { answerQuestion } from './answer-question.js'
import { buffersOf } from './buffers-of.js'
import { computeBatch, type ReadyModel } from './compute-batch.js'
import type { LoadedModels } from './load-models.js'
import type { Batch, QuestionText, ThreadMessage } from './thread-messages.js'

/**
 * The inference thread: loads the models, says so, and computes one batch after the other. Anything
 * thrown ends the thread, and the worker starts another.
 */
export async function serveInference(
  port: MessagePort,
  load: () => Promise<LoadedModels>,
): Promise<void> {
  const post = (message: ThreadMessage) =>
    port.postMessage(message, buffersOf('files' in message ? message.files : undefined))
  const { ready, refused, backend = 'plain' } = await load()
  const models = new Map(ready.map((it) => [`${it.model}@${it.version}`, it]))
  port.on('message', (message: Batch | QuestionText) => {
    void ('question' in message ? answer(models, message, post) : compute(models, message, post))
  })
  const served = ready.map(({ open: _open, costs: _costs, ...told }) => told)
  post({ kind: 'ready', backend, served, refused })
}

async function answer(
  models: ReadonlyMap<string, ReadyModel>,
  { question, body, uploads }: QuestionText,
  post: (message: ThreadMessage) => void,
) {
  post({ kind: 'answered', question, answer: await answerQuestion(models, body, uploads) })
}

async function compute(
  models: ReadonlyMap<string, ReadyModel>,
  batch: Batch,
  post: (message: ThreadMessage) => void,
) {
  const ready = models.get(`${batch.model}@${batch.version}`)
  if (!ready) throw new Error(`${batch.model} ${batch.version} is not open in this thread`)
  await computeBatch(ready, batch, post)
  post({ kind: 'free' })
}
