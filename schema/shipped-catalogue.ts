import { type Catalogue, loadCatalogue } from '@presage/models/card/load-catalogue'

let loading: Promise<Catalogue> | undefined

/** The models that come with this repository, loaded once: a process has the schema of one catalogue. */
export const shippedCatalogue = (): Promise<Catalogue> => {
  loading ??= loadCatalogue()
  return loading
}
