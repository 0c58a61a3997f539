import { z } from 'zod'
import { type Complain, text } from './text.js'

/** A language and a country, e.g. de-AT: help lines answer in one country. */
const locale = z.string().regex(/^[a-z]{2,3}-[A-Z]{2}$/, 'must be a language and a country')

const helpLineSchema = z.strictObject({
  locale,
  name: text,
  /** What to dial, and what else reaches it. */
  contact: text,
  url: z.url().optional(),
})
export type HelpLine = z.infer<typeof helpLineSchema>

const questionnaireSchema = z.strictObject({
  title: text,
  /** Who made it, and on what terms it may be shown. */
  citation: text,
  question: text,
  items: z.array(text).min(1),
  /** The answers to every item, each with its score. */
  choices: z.array(z.strictObject({ title: text, score: z.int().nonnegative() })).min(2),
  /** Parts of the sums, from the end of the one before to below `below`; the last has no end. */
  bands: z.array(z.strictObject({ title: text, below: z.int().positive().optional() })).min(1),
  /** An item that asks for help at once when its score is above 0; from 1. */
  urgentItem: z.int().positive().optional(),
})
export type Questionnaire = z.infer<typeof questionnaireSchema>

/** What stands beside a model, free of charge, for whom its answer troubles. */
export const supportSchema = z.strictObject({
  notice: text,
  questionnaire: questionnaireSchema.optional(),
  helpLines: z.array(helpLineSchema).min(1),
  /** Where lines of other countries are found. */
  directory: z.strictObject({ name: text, url: z.url() }),
})
export type Support = z.infer<typeof supportSchema>

/** Complains of score bands out of order, and of an urgent item that there is none of. */
export function checkSupport({ questionnaire }: Support, complain: Complain): void {
  if (!questionnaire) return
  const { bands, items, urgentItem } = questionnaire
  bands.forEach(({ below }, index) => {
    const place = ['questionnaire', 'bands', index, 'below']
    if ((index === bands.length - 1) !== (below === undefined))
      complain(place, 'every band but the last says where it ends')
    const before = bands[index - 1]?.below ?? 0
    if (below !== undefined && below <= before) complain(place, `must be above ${before}`)
  })
  if (urgentItem !== undefined && urgentItem > items.length)
    complain(['questionnaire', 'urgentItem'], `there are only ${items.length} items`)
}

/**
 * The lines that answer at a place: those of its very locale before others of the same country; of
 * a language alone, those in it. A country without lines has none: another's do not answer there.
 */
export function helpLinesAt(helpLines: readonly HelpLine[], place: string): HelpLine[] {
  const [language = '', ...subtags] = place.split(/[-_]/)
  const country = subtags.find((subtag) => /^[a-z]{2}$/i.test(subtag))?.toUpperCase()
  const speaks = (line: HelpLine) => line.locale.startsWith(`${language.toLowerCase()}-`)
  if (!country) return helpLines.filter(speaks)
  const there = helpLines.filter((line) => line.locale.endsWith(`-${country}`))
  return [...there.filter(speaks), ...there.filter((line) => !speaks(line))]
}
