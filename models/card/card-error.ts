/** A card that cannot be used: names the file, the place in it and the remedy. */
export class CardError extends Error {
  override readonly name = 'CardError'
  constructor(
    readonly file: string,
    readonly problems: readonly string[],
  ) {
    super(
      [`The model card ${file} cannot be used:`, ...problems.map((it) => `  - ${it}`)].join('\n'),
    )
  }
}
