import { hasEnded, type Prediction } from './prediction.js'

/** What a prediction costs, in whole credits. */
export interface Charge {
  price: number
  held: number
  captured: number
  released: number
}

/** Where a prediction's price is: held while it is open, then captured or released. */
export function chargeOf(prediction: Prediction): Charge {
  const { price, status } = prediction
  const paid = prediction.heldBonus + prediction.heldBalance
  return {
    price,
    held: hasEnded(prediction) ? 0 : paid,
    captured: status === 'SUCCEEDED' ? paid : 0,
    released: hasEnded(prediction) && status !== 'SUCCEEDED' ? paid : 0,
  }
}
