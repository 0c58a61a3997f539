import type { z } from 'zod'
import type { cardSchema } from './card-schema.js'

const HASH = 'a'.repeat(64)

/** A small complete card as tests write it: one number with units, one without, a choice, a flag. */
export const sampleCard = () =>
  ({
    name: 'sample',
    title: 'Sample',
    version: '1.0.0',
    task: 'regression' as const,
    summary: 'A model for tests',
    intendedUse: 'Tests',
    limits: ['Means nothing'],
    output: { title: 'Result', unit: 'years' },
    golden: 'golden.ndjson',
    features: [
      {
        name: 'albumin',
        title: 'Albumin',
        type: 'float' as const,
        required: true,
        min: 1,
        max: 7,
        example: 4.2,
        units: [
          { symbol: 'g/dL', name: 'G_PER_DL', factor: 1 },
          { symbol: 'g/L', name: 'G_PER_L', factor: 0.1 },
        ],
      },
      {
        name: 'visits',
        title: 'Visits',
        type: 'int' as const,
        required: false,
        min: 0,
        max: 10,
        example: 2,
      },
      {
        name: 'sex',
        title: 'Sex',
        type: 'choice' as const,
        required: true,
        choices: ['female', 'male'],
        example: 'female',
      },
      {
        name: 'smoker',
        title: 'Smoker',
        type: 'boolean' as const,
        required: false,
        example: false,
      },
      {
        name: 'age',
        title: 'Age',
        type: 'float' as const,
        unit: 'years',
        required: false,
        min: 18,
        max: 110,
        example: 50,
      },
    ],
    variants: [
      {
        name: 'plain',
        title: 'Plain',
        summary: 'A line',
        price: 1,
        runtime: 'linear',
        artifact: 'plain.json',
        sha256: HASH,
        requires: [] as string[],
        explanation: { method: 'formula-terms', unit: 'years', baseline: 'The medians' },
      },
      {
        name: 'aged',
        title: 'Aged',
        summary: 'A line that needs age',
        price: 2,
        runtime: 'linear',
        artifact: 'aged.json',
        sha256: HASH,
        requires: ['age'],
        explanation: { method: 'formula-terms', unit: 'years', baseline: 'The medians' },
      },
    ],
    trainingData: {
      source: 'Invented',
      licence: 'None needed',
      citation: 'None',
      rows: 1,
      selection: 'All',
      sha256: HASH,
    },
  }) satisfies z.input<typeof cardSchema>
