import { ArtifactError } from '../artifact.js'
import { readXgboost } from './read-xgboost.js'
import type { TreeEnsemble } from './tree-ensemble.js'

/** XGBoost writes NaN and Infinity as C does; JSON has neither. Strings are passed over. */
const BEYOND_JSON = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g

function parseJson(text: string, file: string): unknown {
  const json = text.replace(BEYOND_JSON, (found) => (found.startsWith('"') ? found : 'null'))
  try {
    return JSON.parse(json)
  } catch {
    throw new ArtifactError(file, 'it is not JSON')
  }
}

/**
 * Reads the trees of a file as XGBoost (`save_model('….json')`) wrote it.
 * @throws ArtifactError when it is neither, or malformed.
 */
export function readEnsemble(text: string, file: string): TreeEnsemble {
  return readXgboost(parseJson(text, file), file)
}
