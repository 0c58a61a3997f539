import { describe, expect, it, vi } from 'vitest'
import { KeptAnswers } from './kept-answers.js'

/** A question whose answers come when the test says so. */
function question() {
  const open: { resolve(answer: number): void; reject(error: Error): void }[] = []
  const ask = vi.fn(
    () => new Promise<number>((resolve, reject) => void open.push({ resolve, reject })),
  )
  return { ask, open }
}

describe('answers that are kept', () => {
  it('are shared by all who ask within the time, and asked for anew after it', async () => {
    const answers = new KeptAnswers<number>(1000)
    const { ask, open } = question()
    const early = [0, 1, 999].map((nowMs) => answers.get('jobs', ask, nowMs))
    open[0]?.resolve(7)
    expect(await Promise.all(early)).toEqual([7, 7, 7])
    expect(ask).toHaveBeenCalledTimes(1)
    const late = answers.get('jobs', ask, 1000)
    open[1]?.resolve(8)
    expect(await late).toBe(8)
  })

  it('are waited for as long as they take, by one question for each thing', async () => {
    const answers = new KeptAnswers<number>(1000)
    const { ask, open } = question()
    const slow = [0, 5000].map((nowMs) => answers.get('jobs', ask, nowMs))
    const other = answers.get('other jobs', ask, 5000)
    open[0]?.resolve(7)
    open[1]?.resolve(8)
    expect(await Promise.all([...slow, other])).toEqual([7, 7, 8])
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('may be failures, which are not asked for again at once either', async () => {
    const answers = new KeptAnswers<number>(1000)
    const { ask, open } = question()
    const first = answers.get('jobs', ask, 0)
    open[0]?.reject(new Error('no consumer'))
    await expect(first).rejects.toThrow('no consumer')
    await expect(answers.get('jobs', ask, 999)).rejects.toThrow('no consumer')
    expect(ask).toHaveBeenCalledTimes(1)
  })

  it('are asked for at once when what was answered holds no more', async () => {
    const answers = new KeptAnswers<number>(1000)
    const { ask, open } = question()
    const before = answers.get('jobs', ask, 0)
    answers.forget()
    const after = answers.get('jobs', ask, 1)
    open[0]?.resolve(7)
    open[1]?.resolve(8)
    expect(await Promise.all([before, after])).toEqual([7, 8])
  })
})
