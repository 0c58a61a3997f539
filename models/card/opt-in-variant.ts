import type { Variant } from './card-schema.js'
import type { CardMeasure, OptIn } from './measure-schema.js'

/** The model behind a figure told on request, as the variant that computes its log-odds. */
export const optInVariant = ({ name, title, optIn }: CardMeasure & { optIn: OptIn }): Variant => ({
  name,
  title,
  summary: title,
  price: 0,
  runtime: optIn.runtime,
  artifact: optIn.artifact,
  sha256: optIn.sha256,
  files: [],
  requires: [],
  measures: [],
  metrics: optIn.metrics,
  inputSets: [],
  subgroups: optIn.subgroups,
})
