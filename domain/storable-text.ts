const LONE_SURROGATE = /\p{Surrogate}/u

/** Whether PostgreSQL can store a text: it takes neither U+0000 nor half of a surrogate pair. */
export const isStorable = (text: string): boolean =>
  !(text.includes('\0') || LONE_SURROGATE.test(text))

/** What is told of a text that is not {@link isStorable}. */
export const UNSTORABLE = 'A text must hold neither U+0000 nor half of a surrogate pair.'
