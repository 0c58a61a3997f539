/** Blood that the biological-age model accepts, as the API takes it. */
export const FEATURES = {
  age: 50,
  sex: 'FEMALE',
  albumin: { value: 4.2 },
  creatinine: { value: 0.9 },
  glucose: { value: 90 },
  crp: { value: 0.3 },
  lymphocytes: { value: 30 },
  mcv: 90,
  rdw: 13,
  alp: { value: 65 },
  wbc: { value: 6 },
}
