import type { HealthData, ModelCard } from '@presage/models/card/card-schema'
import type { Feature } from '@presage/models/card/feature-schema'
import type { Catalogue } from '@presage/models/card/load-catalogue'

/** One tab of GraphiQL: an operation that can be run as it stands, and so without variables. */
export interface Example {
  query: string
}

/** The first minutes with the API; the prediction is of the first model on sale, by its card. */
export function exampleOperations(catalogue: Catalogue): Example[] {
  const [model] = catalogue.models
  const { healthData } = model?.card ?? {}
  return [
    register,
    models,
    ...(model && healthData ? [agreeExample(model.card, healthData)] : []),
    ...(model ? [predictExample(model.card)] : []),
    events,
    wallet,
  ]
}

const register: Example = {
  query: `# 1. Open an account. Then put its accessToken into the headers below, here and in the other tabs:
#    { "authorization": "Bearer <accessToken>" }
mutation Register {
  register(email: "ada@example.com", password: "a long password") {
    ... on SessionPayload { accessToken viewer { email wallet { available } } }
    ... on Error { code message }
  }
}
`,
}

const models: Example = {
  query: `# 2. What is on sale, and what each way to run it costs.
query Models {
  models {
    name
    title
    variants { name title price }
    features { name title required unit min max }
    healthData { consentVersion consentText }
  }
}
`,
}

const events: Example = {
  query: `# 5. All that happens to you, as it happens. Run a prediction beside it.
subscription Events {
  events {
    ... on PredictionChanged { to prediction { id status } }
    ... on WalletChanged { transaction { kind amount availableAfter } }
  }
}
`,
}

const wallet: Example = {
  query: `# 6. What you have, and where it went.
query Wallet {
  viewer {
    wallet {
      available
      held
      transactions(first: 10) { nodes { kind amount availableAfter createdAt } }
    }
  }
}
`,
}

/** The consent that a model of health data asks for, with its text to read. */
function agreeExample(
  { name, title }: ModelCard,
  { consentVersion, consentText }: HealthData,
): Example {
  const query = `# 3. ${title} handles data on your health. Run this if you agree:
${wrapped(consentText)}
mutation Agree {
  giveConsent(model: "${name}", version: ${consentVersion}) {
    ... on GiveConsentPayload { consent { modelName givenAt } }
    ... on Error { code message }
  }
}
`
  return { query }
}

/** A text as comments of at most 80 characters. */
const wrapped = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/(.{1,76})(?: |$)/g, '#    $1\n')
    .trimEnd()

/** A prediction with the card's own example values. */
function predictExample(card: ModelCard): Example {
  const variant = card.variants[0]
  const wanted = card.features.filter(
    ({ name, required }) => required || variant?.requires.includes(name),
  )
  const features = wanted.map((feature) => `        ${feature.name}: ${literal(feature)}`)
  const query = `# 4. Pay for a prediction and wait for it, at most ten seconds. A new key is a new prediction.
mutation Predict {
  predict(
    input: { ${camel(card.name)}: {
      variant: ${variant?.name.toUpperCase()}
      features: {
${features.join('\n')}
      }
    } }
    run: { idempotencyKey: "my-first-prediction", waitMs: 10000, explain: true }
  ) {
    ... on PredictPayload {
      prediction {
        id
        status
        output {
          ... on RegressionOutput { value unit interval measures { title value unit meaning } }
          ... on ClassificationOutput { label probability band }
        }
        explanation { baseline unit contributions { feature { title } contribution } }
        charge { price captured }
      }
      wallet { available }
    }
    ... on InvalidInputError { issues { path message unit min max } }
    ... on Error { code message }
  }
}
`
  return { query }
}

function literal({ type, units, example }: Feature): string {
  const value = type === 'choice' ? String(example).toUpperCase() : JSON.stringify(example)
  return units ? `{ value: ${value}, unit: ${units[0]?.name} }` : value
}

const camel = (name: string): string =>
  name.replace(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase())
