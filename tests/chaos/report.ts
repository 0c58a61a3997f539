import { appendFile } from 'node:fs/promises'
import { z } from 'zod'
import { reportHead } from '../kit/report-head.js'

const counts = z.record(z.string(), z.number())

const campaignSchema = z.object({
  name: z.string(),
  rounds: z.number(),
  accepted: z.number(),
  byStatus: counts,
  refused: z.number(),
  repeated: counts,
  redelivered: z.number(),
  repeatedResults: z.number(),
  feedsResumed: z.number(),
})

/** A campaign that was survived, as the report tells it. */
export type CampaignReport = z.infer<typeof campaignSchema>

/** Names the file to which campaigns are noted, when a report is wanted. */
export const NOTES_VARIABLE = 'CHAOS_NOTES'

/** Notes a campaign for the report, when one is wanted. */
export async function keepForReport(campaign: CampaignReport): Promise<void> {
  const notes = process.env[NOTES_VARIABLE]
  if (notes) await appendFile(notes, `${JSON.stringify(campaign)}\n`)
}

/** The report in Markdown, from the notes of a run. */
export function reportOf(commit: string, notes: string, failed: number): string {
  const campaigns = notes
    .split('\n')
    .filter(Boolean)
    .map((line) => campaignSchema.parse(JSON.parse(line)))
  return `# Chaos

${reportHead('pnpm chaos', commit)}
${failed === 0 ? 'Every campaign was survived.' : `**${failed} campaigns were not survived** and are missing below.`}

Two servers, two workers, PostgreSQL and nats-server, all as processes of one machine, under calls without pause; each strike is a SIGKILL or a deletion in their midst. After each campaign every accepted prediction has ended, is charged once exactly when it succeeded, has its own right answer and stands in the history, the wallet and the feed of its user once; the books balance and nothing is held.

| Struck | Strikes | Accepted | Succeeded | Failed | Canceled | Expired | Refused calls | Calls repeated | Jobs redelivered | Results repeated | Feeds resumed |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
${campaigns.map(row).join('\n')}

Refused: the user had no credits left, or the deadline of a repeated call had passed.
`
}

function row({ byStatus, repeated, ...it }: CampaignReport): string {
  const ended = ['SUCCEEDED', 'FAILED', 'CANCELED', 'EXPIRED'].map(
    (status) => byStatus[status] ?? 0,
  )
  const repeats = Object.values(repeated).reduce((a, b) => a + b, 0)
  const { name, rounds, accepted, refused, redelivered, repeatedResults, feedsResumed } = it
  const cells = [name, rounds, accepted, ...ended, refused, repeats]
  return `| ${[...cells, redelivered, repeatedResults, feedsResumed].join(' | ')} |`
}
