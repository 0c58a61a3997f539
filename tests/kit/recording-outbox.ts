import type { Outbox, OwnedJob } from '@presage/domain/domain'
import type { Change } from '@presage/messages/hint'
import type { Job } from '@presage/messages/job'

/** An outbox that sends nothing and remembers everything. */
export class RecordingOutbox implements Outbox {
  readonly published: Job[] = []
  readonly withdrawn: Pick<Job, 'id' | 'model' | 'version'>[] = []
  readonly announced: Change[] = []

  publish(jobs: OwnedJob[]): void {
    this.published.push(...jobs.map(({ job }) => job))
  }

  withdraw(jobs: Pick<Job, 'id' | 'model' | 'version'>[]): void {
    this.withdrawn.push(...jobs)
  }

  saleChanged(): void {}

  announce(changes: Change[]): void {
    this.announced.push(...changes)
  }
}
