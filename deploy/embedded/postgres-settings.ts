import { availableParallelism, totalmem } from 'node:os'

const MiB = 2 ** 20

/** A share of the machine's memory in MiB, within bounds. */
const memoryShare = (share: number, least: number, most: number) =>
  `${Math.round(Math.min(most, Math.max(least, (totalmem() * share) / MiB)))}MB`

/** Gives up what a power loss would need, for databases that only live as long as a test. */
const VOLATILE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/**
 * Settings of an embedded server: one product on the machine, beside its own other processes.
 * Commits stay durable unless `durable` is false.
 */
export function postgresSettings(port: number, durable: boolean): Record<string, string> {
  return {
    port: String(port),
    listen_addresses: '127.0.0.1',
    // Nobody uses sockets of the file system, whose paths may be too long under a deep folder.
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: memoryShare(1 / 16, 64, 512),
    effective_cache_size: memoryShare(1 / 4, 256, 4096),
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    // Fewer checkpoints write fewer full pages; 1 GiB of log is replayed in seconds.
    max_wal_size: '1GB',
    checkpoint_timeout: '15min',
    wal_buffers: '16MB',
    random_page_cost: '1.1',
    // Short statements on few rows: compiling or splitting them costs more than running them.
    jit: 'off',
    max_parallel_workers_per_gather: availableParallelism() > 4 ? '2' : '0',
    autovacuum_naptime: '20s',
    timezone: 'UTC',
    log_checkpoints: 'off',
    ...(durable ? {} : VOLATILE),
  }
}
