import { z } from 'zod'
import { readRows, readTable } from '../table/read-table.js'

/** The table of NHANES III and IV, one row a person. */
export const DATA_FILE = 'bioage_nhanes.csv.gz'

/** The card's features (first units) and their columns in the table. */
export const COLUMNS = {
  albumin: 'albumin_g_dl',
  creatinine: 'creatinine_mg_dl',
  glucose: 'glucose_mg_dl',
  crp: 'crp_mg_dl',
  lymphocytes: 'lymphocyte_pct',
  mcv: 'mcv_fl',
  rdw: 'rdw_pct',
  alp: 'alp_u_l',
  wbc: 'wbc_1000_ul',
  bun: 'bun_mg_dl',
  uricAcid: 'uric_acid_mg_dl',
  totalCholesterol: 'total_chol_mg_dl',
  hdl: 'hdl_mg_dl',
  hba1c: 'hba1c_pct',
  bilirubin: 'bilirubin_mg_dl',
  ggt: 'ggt_u_l',
  rbc: 'rbc_m_ul',
  monocytes: 'monocyte_pct',
  systolic: 'sbp_mmhg',
  diastolic: 'dbp_mmhg',
  bmi: 'bmi',
} as const

/** The nine markers of PhenoAge. */
export const CORE = [
  'albumin',
  'creatinine',
  'glucose',
  'crp',
  'lymphocytes',
  'mcv',
  'rdw',
  'alp',
  'wbc',
] as const
/** The nine further blood values. */
export const FURTHER_BLOOD = [
  'bun',
  'uricAcid',
  'totalCholesterol',
  'hdl',
  'bilirubin',
  'hba1c',
  'ggt',
  'rbc',
  'monocytes',
] as const
/** What is measured without blood. */
export const BODY = ['systolic', 'diastolic', 'bmi'] as const
/** Everything a person may leave out. */
export const OPTIONAL = [...FURTHER_BLOOD, ...BODY] as const

/** One person: features measured, by name, in the card's first units. */
export interface Person {
  fold: number
  age: number
  sex: 'female' | 'male'
  values: Record<string, number | string>
}

/** The people the models are made of, and the sha256 of the file they came from. */
export interface Dataset {
  people: Person[]
  sha256: string
}

const rowSchema = z.looseObject({
  age: z.coerce.number(),
  sex: z.enum(['F', 'M']),
  pregnant: z.enum(['0', '1', '']),
  /** Rows kept aside may have none. */
  fold: z.coerce.number().int().min(0).max(4).default(0),
})

function person(row: Record<string, string>): Person | undefined {
  const { age, sex: code, pregnant, fold } = rowSchema.parse(row)
  if (age >= 80 || pregnant === '1') return undefined
  const sex = code === 'F' ? 'female' : 'male'
  const measured = Object.entries(COLUMNS).flatMap(([name, column]) =>
    row[column] ? [[name, Number(row[column])] as const] : [],
  )
  return { fold, age, sex, values: { ...Object.fromEntries(measured), sex, age } }
}

/** Reads people under 80 (above, ages are top-coded) who are not pregnant. */
export async function readDataset(data: string): Promise<Dataset> {
  const table = await readTable(data, DATA_FILE)
  const people = readRows(table, person).filter((each) => each !== undefined)
  return { people, sha256: table.sha256 }
}
