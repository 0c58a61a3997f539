import {
  createPresage,
  EmailTakenError,
  type Event,
  isEnded,
  type PredictInput,
  type Prediction,
  type Presage,
  TopUpUnavailableError,
} from '@presage/client'
import { say } from './say.js'
import type { Account } from './stack.js'

/** A demonstration that costs 1 credit keeps at least this many for whoever tries the API next. */
const KEEP_CREDITS = 20
const TOP_UP_CREDITS = 50

/** The check values of the published formula: 46.74 years at 50. */
const blood: PredictInput = {
  bioAge: {
    variant: 'PHENOAGE',
    features: {
      age: 50,
      sex: 'FEMALE',
      albumin: { value: 42, unit: 'G_PER_L' },
      creatinine: { value: 0.9 },
      glucose: { value: 95 },
      crp: { value: 2, unit: 'MG_PER_L' },
      lymphocytes: { value: 30 },
      mcv: 90,
      rdw: 13,
      alp: { value: 70 },
      wbc: { value: 7 },
    },
  },
}

/**
 * Runs one prediction as a caller would, through the SDK, and prints it event by event; nothing where
 * its model is not sold.
 */
export async function demonstrate(url: string, account: Account): Promise<void> {
  const presage = createPresage({ url: `${url}/graphql` })
  try {
    await enter(presage, account)
    if (!(await agree(presage))) return
    say(`\nA prediction, as ${account.email} sees it:`)
    const events = presage.subscribe.events()
    await events.next()
    const { prediction } = await presage.predict(blood, { explain: true })
    for await (const event of events) {
      for (const line of linesOf(event)) say(`  ${line}`)
      if (endOf(event, prediction.id)) break
    }
    say('')
  } finally {
    presage.close()
  }
}

async function enter(presage: Presage, account: Account): Promise<void> {
  try {
    await presage.register(account)
  } catch (error) {
    if (!(error instanceof EmailTakenError)) throw error
    await presage.logIn(account)
  }
  const { available } = await presage.wallet()
  if (available >= KEEP_CREDITS) return
  await presage.topUp(TOP_UP_CREDITS).catch((error: unknown) => {
    if (!(error instanceof TopUpUnavailableError)) throw error
  })
}

/**
 * Agrees to what the demonstration's model asks for, as its account would after reading it; false =
 * it is not on sale here.
 */
async function agree(presage: Presage): Promise<boolean> {
  const model = await presage.model('bio-age')
  if (model?.healthData)
    await presage.consents.give({ model: model.name, version: model.healthData.consentVersion })
  return model !== null
}

const endOf = (event: Event, id: string): boolean =>
  event.__typename === 'PredictionChanged' &&
  event.prediction.id === id &&
  isEnded({ status: event.to })

function linesOf(event: Event): string[] {
  switch (event.__typename) {
    case 'WalletChanged': {
      const { kind, amount, availableAfter } = event.transaction
      const moved = amount === 0 ? '' : ` ${amount > 0 ? '+' : '−'}${Math.abs(amount)}`
      return [`wallet      ${kind}${moved}, ${availableAfter} credits available`]
    }
    case 'PredictionChanged':
      return [
        `prediction  ${event.to}`,
        ...(event.to === 'SUCCEEDED' ? resultOf(event.prediction) : []),
      ]
    default:
      return []
  }
}

function resultOf({ output, explanation, charge }: Prediction): string[] {
  if (output?.__typename !== 'RegressionOutput') return []
  const contributions = explanation?.contributions ?? []
  return [
    `result      ${output.value.toFixed(2)} ${output.unit}, for ${charge.captured} credit`,
    ...output.measures.map(
      ({ title, value, unit }) => `            ${title}: ${value.toFixed(3)} ${unit}`,
    ),
    ...contributions
      .slice(0, 4)
      .map(
        ({ feature, contribution }) =>
          `            ${feature.title}: ${contribution.toFixed(2)} years`,
      ),
  ]
}
