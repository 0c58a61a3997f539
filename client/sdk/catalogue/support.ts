import type { ResultOf } from 'gql.tada'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'

const supportQuery = graphql(`
  query Support($model: String!, $locale: String) {
    model(name: $model) {
      support(locale: $locale) {
        notice
        questionnaire {
          title
          citation
          question
          items
          choices { title score }
          bands { title below }
          urgentItem
        }
        helpLines { locale name contact url }
        directory { name url }
      }
    }
  }
`)

/** What stands beside a model, free of charge: a notice, a questionnaire, help lines. */
export type Support = NonNullable<NonNullable<ResultOf<typeof supportQuery>['model']>['support']>

/** Where somebody is. */
export interface SupportOptions extends ReadOptions {
  /** A language with or without a country, e.g. de-AT; without it all help lines. */
  locale?: string | undefined
}

/** What stands beside a model, with the help lines that answer at a place; null = nothing does. */
export async function readSupport(
  caller: Caller,
  model: string,
  { locale, ...options }: SupportOptions = {},
): Promise<Support | null> {
  const variables = { model, locale: locale ?? null }
  const answer = await caller.call(supportQuery, variables, { ...options, repeat: true })
  return answer.model?.support ?? null
}
