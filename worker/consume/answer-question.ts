import { type Answer, questionSchema } from '@presage/messages/question'
import type { ReadyModel } from './compute-batch.js'

const refuse = (message: string): Answer => ({ failure: { code: 'BAD_QUESTION', message } })

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/**
 * Answers one question in JSON with an outcome in JSON.
 * @throws whatever `predict` throws. A bad row is an outcome, so this means a broken runtime.
 */
export async function answerQuestion(
  models: ReadonlyMap<string, ReadyModel>,
  body: string,
): Promise<string> {
  const parsed = questionSchema.safeParse(parse(body))
  if (!parsed.success) return JSON.stringify(refuse('It is not a question.'))
  const { model, version, variant, input, explain, target } = parsed.data
  const ready = models.get(`${model}@${version}`)
  if (!ready) return JSON.stringify(refuse(`${model} ${version} is not open here.`))
  if (ready.uploads.length > 0)
    return JSON.stringify(refuse(`${model} works on files, which come with jobs alone.`))
  if (target) {
    const counterfactual = await ready.open.counterfactual(variant, input, target)
    return JSON.stringify({ counterfactual } satisfies Answer)
  }
  const [outcome] = await ready.open.predict(variant, [{ values: input, explain }])
  return JSON.stringify(outcome)
}
