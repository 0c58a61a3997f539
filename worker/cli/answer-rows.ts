import type { Output } from '@presage/messages/output'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { optInMeasures } from '@presage/models/card/measure-schema'
import { optInVariant } from '@presage/models/card/opt-in-variant'
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

/** The model behind a measure told on request, as one that answers with its log-odds. */
function modelOf(model: InstalledModel, name: string): InstalledModel {
  const measure = optInMeasures(model.card.measures).find((each) => each.name === name)
  if (!measure) return model
  return { ...model, card: { ...model.card, variants: [optInVariant(measure)], measures: [] } }
}

/**
 * Answers rows by a worker's own runtimes: of the model as it is sold, or of one of its folds. Of a
 * measure told on request, by its name, the answer is its log-odds.
 */
export function answerRowsOf(installed: InstalledModel): AnswerRows {
  const opened = new Map<string, Promise<OpenModel>>()
  const open = async (name: string, fold: number | undefined) => {
    const model = modelOf(installed, name)
    const variant = model.card.variants.find((each) => each.name === name)
    if (fold === undefined || !variant) return openModel(model)
    return openModel(await foldModel(model, variant, fold))
  }
  return async (variant, rows, fold) => {
    const sold = installed.card.variants.some(({ name }) => name === variant)
    const key = fold === undefined && sold ? 'shipped' : `${variant} ${fold}`
    const ready = opened.get(key) ?? open(variant, fold)
    opened.set(key, ready)
    return answerAll(await ready, variant, rows)
  }
}
