import type { NatsConnection } from '@nats-io/transport-node'
import type { Ask } from '@presage/domain/domain'
import { UnavailableError } from '@presage/domain/errors'
import { answerSchema, type Question, questionSubject } from '@presage/messages/question'
import type { Broker } from './broker.js'

/** A worker answers in a few ms, or after the batch it is at, which should take 100. */
const WITHIN_MS = 3000

const nobody = () => new UnavailableError('No worker answers at the moment. Try again.')

/** A picture is drawn once more: at 50 megapixels it takes some seconds. */
const PICTURE_WITHIN_MS = 30_000

async function request(connection: NatsConnection, question: Question) {
  try {
    return await connection.request(questionSubject(question), JSON.stringify(question), {
      timeout: question.earlier === undefined ? WITHIN_MS : PICTURE_WITHIN_MS,
    })
  } catch {
    // Nobody listens, nobody answers in time, or the connection goes: all mean to try again.
    throw nobody()
  }
}

/** Asks one of the workers that serve the model, over core NATS. */
export const askWorkers =
  (broker: Pick<Broker, 'connection'>): Ask =>
  async (question) => {
    const { connection } = broker
    if (!connection) throw nobody()
    const reply = await request(connection, question)
    const answer = answerSchema.parse(reply.json())
    if ('failure' in answer && answer.failure.code === 'UNAVAILABLE') throw nobody()
    return answer
  }
