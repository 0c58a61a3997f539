/** One thing that was checked: how it stands, and what is wrong with it. */
export interface Section {
  title: string
  said: string
  faults: string[]
}

/** A model's version, or what could not be read as one. */
export interface Report {
  title: string
  sections: Section[]
}

const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`

/** How many things are wrong. */
export const faultCount = (reports: readonly Report[]) =>
  reports.flatMap(({ sections }) => sections.flatMap(({ faults }) => faults)).length

function sectionText({ title, said, faults }: Section, width: number): string {
  const verdict = faults.length === 0 ? 'ok' : counted(faults.length, 'FAULT')
  const head = `  ${title.padEnd(width)}  ${verdict}${said === '' ? '' : `: ${said}`}`
  return [head, ...faults.map((fault) => `    - ${fault}`)].join('\n')
}

/** The reports as text: a paragraph for each version, and a last line that sums up. */
export function reportText(reports: readonly Report[]): string {
  const paragraphs = reports.map(({ title, sections }) => {
    const width = Math.max(...sections.map((section) => section.title.length))
    return [title, ...sections.map((section) => sectionText(section, width))].join('\n')
  })
  const faults = faultCount(reports)
  const sum = `${counted(reports.length, 'card')} checked, ${faults === 0 ? 'no faults' : counted(faults, 'fault')}.`
  return [...paragraphs, sum].join('\n\n')
}
