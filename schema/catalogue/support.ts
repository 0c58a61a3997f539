import {
  type HelpLine as CardHelpLine,
  type Questionnaire as CardQuestionnaire,
  type Support as CardSupport,
  helpLinesAt,
} from '@presage/models/card/support-schema'
import { builder } from '../builder.js'

const Choice = builder
  .objectRef<CardQuestionnaire['choices'][number]>('QuestionnaireChoice')
  .implement({
    description: 'An answer that every item may be given.',
    fields: (t) => ({ title: t.exposeString('title'), score: t.exposeInt('score') }),
  })

const ScoreBand = builder.objectRef<CardQuestionnaire['bands'][number]>('ScoreBand').implement({
  description: 'A part of the sums, from the end of the band before it.',
  fields: (t) => ({
    title: t.exposeString('title'),
    below: t.exposeInt('below', { nullable: true, description: 'null = the last' }),
  }),
})

const Questionnaire = builder.objectRef<CardQuestionnaire>('Questionnaire').implement({
  description: 'A questionnaire that is free of charge and asks nothing of the server.',
  fields: (t) => ({
    title: t.exposeString('title'),
    citation: t.exposeString('citation', { description: 'Who made it, and on what terms.' }),
    question: t.exposeString('question', { description: 'Asked of every item.' }),
    items: t.exposeStringList('items'),
    choices: t.field({ type: [Choice], resolve: ({ choices }) => choices }),
    bands: t.field({ type: [ScoreBand], resolve: ({ bands }) => bands }),
    urgentItem: t.exposeInt('urgentItem', {
      nullable: true,
      description: 'From 1: show the help lines at once when its score is above 0; null = none.',
    }),
  }),
})

const HelpLine = builder.objectRef<CardHelpLine>('HelpLine').implement({
  description: 'Somebody who listens.',
  fields: (t) => ({
    locale: t.exposeString('locale', { description: 'Its language and country, e.g. de-AT.' }),
    name: t.exposeString('name'),
    contact: t.exposeString('contact'),
    url: t.exposeString('url', { nullable: true, description: 'null = none' }),
  }),
})

const Directory = builder.objectRef<CardSupport['directory']>('HelpLineDirectory').implement({
  description: 'Where the help lines of all countries are found.',
  fields: (t) => ({ name: t.exposeString('name'), url: t.exposeString('url') }),
})

/** What stands beside a model for somebody at a place; null = everybody. */
export interface SupportAt {
  support: CardSupport
  locale: string | null | undefined
}

/** What stands beside a model, free of charge. */
export const Support = builder.objectRef<SupportAt>('Support').implement({
  description: 'What stands beside a model, free of charge, for whom its answer troubles.',
  fields: (t) => ({
    notice: t.string({ resolve: ({ support }) => support.notice }),
    questionnaire: t.field({
      type: Questionnaire,
      nullable: true,
      description: 'null = none',
      resolve: ({ support }) => support.questionnaire ?? null,
    }),
    helpLines: t.field({
      type: [HelpLine],
      description: 'Those that answer at the locale; a country may have none, see the directory.',
      resolve: ({ support, locale }) =>
        locale == null ? support.helpLines : helpLinesAt(support.helpLines, locale),
    }),
    directory: t.field({ type: Directory, resolve: ({ support }) => support.directory }),
  }),
})
