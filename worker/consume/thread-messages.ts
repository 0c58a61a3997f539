import type { Uploads } from '../runtimes/runtime.js'

/** A job as the inference thread gets it: the thread parses it. */
export interface JobText {
  id: string
  body: string
}

/** One batch for the inference thread; all jobs are of this model version. */
export interface Batch {
  model: string
  version: string
  jobs: JobText[]
  /** The files that the jobs name; they are handed over, not copied. */
  uploads?: Uploads | undefined
}

/** Something asked beside the batches, answered by its id. */
export interface QuestionText {
  question: number
  body: string
  /** The files that it names; they are handed over, not copied. */
  uploads?: Uploads | undefined
}

/** A model version that the thread has opened, or could not open. */
export interface ServedModel {
  model: string
  version: string
  /** The inputs that are ids of files. */
  uploads?: readonly string[] | undefined
  /** The variants that are plain arithmetic, which the worker may compute by itself. */
  plain?: readonly string[] | undefined
}
export interface RefusedModel extends Omit<ServedModel, 'uploads' | 'plain'> {
  reason: string
}

/** What a model drew, by the id of the job. */
export type DrawnFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>

/** What the inference thread tells its worker. */
export type ThreadMessage =
  /** The models are open. */
  | { kind: 'ready'; backend: string; served: ServedModel[]; refused: RefusedModel[] }
  /** These jobs are expected to take a while. */
  | { kind: 'started'; ids: string[] }
  /** A part of the batch, as results in JSON; `ms` is what its `rows` took. */
  | {
      kind: 'computed'
      ids: string[]
      texts: string[]
      rows: number
      ms: number
      files?: DrawnFiles | undefined
    }
  /** The answer to a question, in JSON. */
  | { kind: 'answered'; question: number; answer: string }
  /** The whole batch was computed. */
  | { kind: 'free' }
