import type { Api } from './api.js'

interface Metric {
  name: string
  value: number
  low: number | null
  high: number | null
}

interface Quoted {
  price: number
  model: { name: string; version: string }
  variant: { name: string; metrics: Metric[] }
}

/** What a row would cost, and how good its variant is. */
export const quoteOf = (api: Api, input: unknown) =>
  api.field<Quoted>(
    `query ($input: PredictInput!) { quote(input: $input) { ... on Quote {
      price model { name version } variant { name metrics { name value low high } }
    } } }`,
    { input },
  )

interface Card {
  name: string
  healthData: { consentVersion: number } | null
  counterfactual: boolean
  variants: { metrics: Metric[]; inputSets: { name: string }[]; subgroups: { by: string }[] }[]
}

/** What all cards say of how sure a model is, and of whom. */
export const cardsOf = (api: Api) =>
  api.field<Card[]>(
    `{ models {
      name healthData { consentVersion } counterfactual
      variants {
        metrics { name value low high } inputSets { name } subgroups { by }
      }
    } }`,
  )

/** What stands beside the depression-risk model for somebody of this language and country. */
export const supportOf = async (api: Api, locale: string | null) => {
  const model = await api.field<{ support: Record<string, unknown> & { helpLines: unknown[] } }>(
    `query ($locale: String) {
      model(name: "depression-risk") {
        support(locale: $locale) {
          notice
          questionnaire { title items choices { score } bands { title below } urgentItem }
          helpLines { locale contact }
          directory { url }
        }
      }
    }`,
    { locale },
  )
  return model.support
}
