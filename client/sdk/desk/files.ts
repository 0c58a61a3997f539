import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { download } from '../files/download.js'
import type { FileData } from '../files/upload-image.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { Http } from '../transport/http.js'
import type { ReadOptions } from '../transport/read-options.js'

const importFields = graphql(`
  fragment DeskImportFields on ImportPayload {
    rows accepted faultCount dryRun faults { line column message }
  }
`)

const importClientsMutation = graphql(
  `
    mutation ImportClients($file: Upload!, $dryRun: Boolean!) {
      result: importClients(file: $file, dryRun: $dryRun) { ...Refusal ...DeskImportFields }
    }
  `,
  [refusalFields, importFields],
)

const importManagersMutation = graphql(
  `
    mutation ImportManagers($file: Upload!, $dryRun: Boolean!) {
      result: importManagers(file: $file, dryRun: $dryRun) { ...Refusal ...DeskImportFields }
    }
  `,
  [refusalFields, importFields],
)

const importCreditLinesMutation = graphql(
  `
    mutation ImportCreditLines($file: Upload!, $dryRun: Boolean!) {
      result: importCreditLines(file: $file, dryRun: $dryRun) { ...Refusal ...DeskImportFields }
    }
  `,
  [refusalFields, importFields],
)

const exportQuery = graphql(`query ExportClients { desk { export { url } } }`)

export interface ImportOptions extends ReadOptions {
  /** Whether nothing is to be written. */
  dryRun: boolean
}

/** What goes along; a copy, as the bytes may be a view of memory that others share. */
const sent = (data: FileData, { dryRun, signal }: ImportOptions) => ({
  variables: { file: null, dryRun },
  how: { signal, file: data instanceof Blob ? data : new Blob([new Uint8Array(data)]) },
})

export async function importClients(caller: Caller, data: FileData, options: ImportOptions) {
  const { variables, how } = sent(data, options)
  return payloadOf((await caller.call(importClientsMutation, variables, how)).result)
}

export async function importManagers(caller: Caller, data: FileData, options: ImportOptions) {
  const { variables, how } = sent(data, options)
  return payloadOf((await caller.call(importManagersMutation, variables, how)).result)
}

export async function importCreditLines(caller: Caller, data: FileData, options: ImportOptions) {
  const { variables, how } = sent(data, options)
  return payloadOf((await caller.call(importCreditLinesMutation, variables, how)).result)
}

/** The caller's clients, as the server streams them. */
export async function exportClients(
  caller: Caller,
  http: Http,
  options: ReadOptions = {},
): Promise<Blob> {
  const { desk } = await caller.call(exportQuery, {}, { ...options, repeat: true })
  return download(http, desk?.export ?? { url: null }, options)
}
