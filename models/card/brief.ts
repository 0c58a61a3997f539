const MAX_LENGTH = 60

/** As much of a caller's text as is worth repeating; half of a surrogate pair cannot be stored. */
export const brief = (text: string): string =>
  text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH).replace(/\p{Surrogate}$/u, '')}…`
