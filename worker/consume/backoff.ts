/** Growing, jittered waits: `first`, doubled each time up to `most` milliseconds, ± 25 %. */
export class Backoff {
  private next: number

  constructor(
    private readonly first: number,
    private readonly most: number,
  ) {
    this.next = first
  }

  /** Milliseconds to wait now; the next wait will be longer. */
  wait(): number {
    const base = this.next
    this.next = Math.min(this.most, base * 2)
    return base * (0.75 + Math.random() / 2)
  }

  /** It worked: the next wait is the first again. */
  reset(): void {
    this.next = this.first
  }
}
