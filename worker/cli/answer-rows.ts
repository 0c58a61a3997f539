import type { Output } from '@presage/messages/output'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import type { Answer, AnswerRows, Values } from '@presage/models/evaluation/evaluation'
import { type OpenModel, openModel } from '../runtimes/open-model.js'
import { foldModel } from './fold-model.js'
import { CommandError } from './installed.js'

/** As large as a worker's largest batch. */
const BATCH = 1024

function answerOf(output: Output): Answer {
  if (output.kind === 'image') throw new CommandError('A picture is not answered with a number.')
  if (output.kind === 'classification') return { value: output.probability, low: null, high: null }
  return { value: output.value, low: output.low, high: output.high }
}

async function answerAll(open: OpenModel, variant: string, rows: readonly Values[]) {
  const answers: Answer[] = []
  for (let from = 0; from < rows.length; from += BATCH) {
    const batch = rows.slice(from, from + BATCH).map((values) => ({ values, explain: false }))
    for (const outcome of await open.predict(variant, batch)) {
      if ('failure' in outcome)
        throw new CommandError(`Row ${answers.length + 1}: ${outcome.failure.message}`)
      answers.push(answerOf(outcome.output))
    }
  }
  return answers
}

/** Answers rows by a worker's own runtimes: of the model as it is sold, or of one of its folds. */
export function answerRowsOf(model: InstalledModel): AnswerRows {
  const opened = new Map<string, Promise<OpenModel>>()
  const open = async (name: string, fold: number | undefined) => {
    const variant = model.card.variants.find((each) => each.name === name)
    if (fold === undefined || !variant) return openModel(model)
    return openModel(await foldModel(model, variant, fold))
  }
  return async (variant, rows, fold) => {
    const key = fold === undefined ? 'shipped' : `${variant} ${fold}`
    const ready = opened.get(key) ?? open(variant, fold)
    opened.set(key, ready)
    return answerAll(await ready, variant, rows)
  }
}
