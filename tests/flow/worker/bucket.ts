import { randomUUID } from 'node:crypto'
import { type ObjectStore, Objm } from '@nats-io/obj'
import { FILES_BUCKET } from '@presage/messages/files'
import type { Stage } from './stage.js'

/** The bucket that servers keep files in. */
export class Bucket {
  private constructor(
    readonly store: ObjectStore,
    private readonly stage: Stage,
  ) {}

  static async create(stage: Stage): Promise<Bucket> {
    return new Bucket(await new Objm(stage.server.connection).create(FILES_BUCKET), stage)
  }

  /** Files an upload. @returns its id. */
  async upload(bytes: Uint8Array): Promise<string> {
    const id = randomUUID()
    await this.store.putBlob({ name: id }, bytes)
    return id
  }

  /** Loses the last part of a file. */
  async loseLastPart(id: string): Promise<void> {
    const { manager } = this.stage.server
    const stream = `OBJ_${FILES_BUCKET}`
    const info = await this.store.info(id)
    const part = await manager.streams.getMessage(stream, {
      last_by_subj: `$O.${FILES_BUCKET}.C.${info?.nuid}`,
    })
    if (!part) throw new Error(`${id} has no part`)
    await manager.streams.deleteMessage(stream, part.seq)
  }

  /** Changes what a file is said to be, and so what it must be equal to. */
  async spoil(id: string): Promise<void> {
    const { connection } = this.stage.server
    const info = await this.store.info(id)
    const digest = `SHA-256=${Buffer.alloc(32).toString('base64url')}=`
    const subject = `$O.${FILES_BUCKET}.M.${Buffer.from(id).toString('base64url')}`
    await connection.request(subject, JSON.stringify({ ...infoOf(info), digest }), {
      timeout: 5_000,
    })
  }
}

const infoOf = (info: Awaited<ReturnType<ObjectStore['info']>>) => ({
  ...{ name: info?.name, bucket: info?.bucket, nuid: info?.nuid, size: info?.size },
  ...{ chunks: info?.chunks, options: { max_chunk_size: 131_072 } },
})
