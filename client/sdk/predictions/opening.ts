/** A promise of something being open, settled from outside. */
export interface Opening {
  promise: Promise<void>
  resolve: () => void
  reject: (error: unknown) => void
}

/** An opening that is awaited from now on. */
export function opening(): Opening {
  let settle: Omit<Opening, 'promise'> = { resolve() {}, reject() {} }
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  // Rejected with nobody waiting it concerns nobody.
  promise.catch(() => {})
  return { promise, ...settle }
}
