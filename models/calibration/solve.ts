/**
 * Solves a symmetric positive definite system by Gaussian elimination, in place; the caller adds
 * a little to the diagonal, so that no pivot is 0.
 */
export function solve(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const size = right.length
  for (let pivot = 0; pivot < size; pivot++) {
    const from = matrix[pivot] ?? right
    for (let row = pivot + 1; row < size; row++) {
      const into = matrix[row] ?? right
      const factor = Number(into[pivot]) / Number(from[pivot])
      if (factor === 0) continue
      for (let column = pivot; column < size; column++)
        into[column] = Number(into[column]) - factor * Number(from[column])
      right[row] = Number(right[row]) - factor * Number(right[pivot])
    }
  }
  const solution = new Float64Array(size)
  for (let row = size - 1; row >= 0; row--) {
    const from = matrix[row] ?? right
    let rest = Number(right[row])
    for (let column = row + 1; column < size; column++)
      rest -= Number(from[column]) * Number(solution[column])
    solution[row] = rest / Number(from[row])
  }
  return solution
}

/** An empty system of normal equations, with `ridge` on the diagonal. */
export function normalEquations(size: number, ridge: number) {
  const matrix = Array.from({ length: size }, (_, row) => {
    const line = new Float64Array(size)
    line[row] = ridge
    return line
  })
  return { matrix, right: new Float64Array(size) }
}
