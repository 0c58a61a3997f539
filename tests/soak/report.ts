import { writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { reportHead } from '../kit/report-head.js'

const soakSchema = z.object({
  minutes: z.number(),
  memory: z.array(z.object({ name: z.string(), early: z.number(), late: z.number() })),
  accepted: z.number(),
  byStatus: z.record(z.string(), z.number()),
  redelivered: z.number(),
  feedsRenewed: z.number(),
})

/** A soak that was survived, as the report tells it. */
export type SoakReport = z.infer<typeof soakSchema>

/** Names the file to which a soak is noted, when a report is wanted. */
export const NOTE_VARIABLE = 'SOAK_NOTE'

/** Notes a soak for the report, when one is wanted. */
export async function keepForReport(soak: SoakReport): Promise<void> {
  const note = process.env[NOTE_VARIABLE]
  if (note) await writeFile(note, JSON.stringify(soak))
}

const row = ({ name, early, late }: SoakReport['memory'][number]) =>
  `| ${name} | ${early.toFixed(0)} | ${late.toFixed(0)} | ${(late / early).toFixed(2)} |`

const ends = (byStatus: SoakReport['byStatus']) =>
  Object.entries(byStatus)
    .map(([status, count]) => `${count} ${status.toLowerCase()}`)
    .join(', ')

/** The report in Markdown, from the note of a run; an empty note is a soak that was not survived. */
export function reportOf(commit: string, note: string): string {
  const head = `# Soak\n\n${reportHead('pnpm soak', commit)}\n`
  if (note === '') return `${head}\n**It was not survived.**\n`
  const { minutes, memory, accepted, byStatus, redelivered, feedsRenewed } = soakSchema.parse(
    JSON.parse(note),
  )
  return `${head}
Two servers and two workers under ${Math.round(accepted / (minutes * 60))} calls a second for ${minutes} minutes: ${accepted} predictions accepted (${ends(byStatus)}), ${redelivered} jobs redelivered, no call repeated, no feed broken, ${feedsRenewed} feeds gone on with a new token when theirs was over. Every one is charged once exactly when it succeeded and has its right answer; the books balance and nothing is held.

| Process | Memory in the second quarter, MiB | in the last quarter, MiB | Ratio |
|---|--:|--:|--:|
${memory.map(row).join('\n')}
`
}
