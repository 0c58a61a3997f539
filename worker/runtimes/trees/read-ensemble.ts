import { ArtifactError } from '../artifact.js'
import { readCatboost } from './read-catboost.js'
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
 * Reads the trees of a file as XGBoost (`save_model('….json')`) or CatBoost
 * (`save_model('….json', format='json')`) wrote it; which of them is told by its entries.
 * @throws ArtifactError when it is neither, malformed, or has what is not supported.
 */
export function readEnsemble(text: string, file: string): TreeEnsemble {
  const json = parseJson(text, file)
  if (typeof json === 'object' && json !== null) {
    if ('learner' in json) return readXgboost(json, file)
    if ('features_info' in json) return readCatboost(json, file)
  }
  throw new ArtifactError(file, "it is neither XGBoost's JSON nor CatBoost's")
}
