import { type Answer, type Question, questionSchema } from '@presage/messages/question'
import { cutOutIou } from '../portrait/mask-iou.js'
import type { Uploads } from '../runtimes/runtime.js'
import type { ReadyModel } from './compute-batch.js'

const refuse = (message: string): Answer => ({ failure: { code: 'BAD_QUESTION', message } })

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** Draws a picture once more, and tells how far it differs from the one that came of it before. */
async function drawAgain(
  { open }: ReadyModel,
  { variant, input, earlier = '' }: Question,
  uploads: Uploads = new Map(),
): Promise<Answer> {
  const before = uploads.get(earlier)
  if (!before) return { failure: { code: 'UPLOAD_LOST', message: 'The picture is not kept.' } }
  const [outcome] = await open.predict(variant, [{ values: input, explain: false }], uploads)
  if (!outcome || 'failure' in outcome) return outcome ?? refuse('It has no answer.')
  const { output, file } = outcome
  if (!file) return refuse('It draws no picture.')
  return { output, difference: 1 - (await cutOutIou(file, before)) }
}

/**
 * Answers one question in JSON with an outcome in JSON.
 * @throws whatever `predict` throws. A bad row is an outcome, so this means a broken runtime.
 */
export async function answerQuestion(
  models: ReadonlyMap<string, ReadyModel>,
  body: string,
  uploads?: Uploads,
): Promise<string> {
  const parsed = questionSchema.safeParse(parse(body))
  if (!parsed.success) return JSON.stringify(refuse('It is not a question.'))
  const { model, version, variant, input, explain, earlier, target } = parsed.data
  const ready = models.get(`${model}@${version}`)
  if (!ready) return JSON.stringify(refuse(`${model} ${version} is not open here.`))
  if (earlier !== undefined) return JSON.stringify(await drawAgain(ready, parsed.data, uploads))
  if (ready.uploads.length > 0)
    return JSON.stringify(refuse(`${model} works on files, which come with jobs alone.`))
  if (target) {
    const counterfactual = await ready.open.counterfactual(variant, input, target)
    return JSON.stringify({ counterfactual } satisfies Answer)
  }
  const [outcome] = await ready.open.predict(variant, [{ values: input, explain }])
  return JSON.stringify(outcome)
}
