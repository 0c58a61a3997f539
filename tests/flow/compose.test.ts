import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '@presage/deploy/repository'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { debianProgram, hasDebianPrograms } from '../kit/debian-program.js'

const EXAMPLE = join(repositoryRoot, '.env.example')

const configSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      read_only: z.boolean().optional(),
      cap_drop: z.array(z.string()).optional(),
      ports: z
        .array(z.object({ published: z.string(), host_ip: z.string().optional() }))
        .optional(),
      environment: z.record(z.string(), z.string().nullable()).optional(),
      deploy: z.object({ replicas: z.number().optional() }).optional(),
    }),
  ),
})

/** Has compose read the file with this environment and nothing else. */
function compose(env: Readonly<Record<string, string>>) {
  const file = join(repositoryRoot, 'docker-compose.yml')
  const args = ['-f', file, '--env-file', '/dev/null', 'config', '--format', 'json']
  const PATH = process.env.PATH ?? ''
  const options = { encoding: 'utf8', env: { PATH, ...env } } as const
  return spawnSync(debianProgram('docker-compose'), args, options)
}

const names = readFileSync(EXAMPLE, 'utf8').matchAll(/^([A-Z_]+)=(.*)$/gm)
const example = Object.fromEntries([...names].map(([, name = '', value = '']) => [name, value]))
const filled = {
  ...example,
  POSTGRES_PASSWORD: 'p',
  NATS_PASSWORD: 'n',
  GRAFANA_PASSWORD: 'g',
  TOKEN_KEYS: 'k:secret',
}

// Without apt there is no docker-compose to be had here.
describe.skipIf(!hasDebianPrograms)('docker-compose.yml', () => {
  it('is what compose understands, with everything from .env.example', () => {
    const { stdout, stderr, status } = compose({ ...filled, SERVERS: '3', WORKERS: '4' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const { services } = configSchema.parse(JSON.parse(stdout))
    expect(services.server?.deploy?.replicas).toBe(3)
    expect(services.worker?.deploy?.replicas).toBe(4)
    expect(services.server?.environment).toMatchObject({
      DATABASE_URL: 'postgresql://presage:p@postgres:5432/presage',
      NATS_URL: 'nats://presage:n@nats:4222',
      TOKEN_KEYS: 'k:secret',
    })
  })

  it('lets nobody in but through the proxy, and our programs write nowhere', () => {
    const { services } = configSchema.parse(JSON.parse(compose(filled).stdout))
    const open = Object.entries(services).filter(([, { ports }]) =>
      ports?.some(({ host_ip }) => host_ip !== '127.0.0.1'),
    )
    expect(open.map(([name]) => name)).toEqual(['proxy'])
    for (const name of ['server', 'worker'])
      expect(services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
  })

  it.each(['POSTGRES_PASSWORD', 'NATS_PASSWORD', 'TOKEN_KEYS', 'GRAFANA_PASSWORD'])(
    'does not start without %s',
    (name) => {
      const { stderr, status } = compose({ ...filled, [name]: '' })
      expect(status).not.toBe(0)
      expect(stderr).toContain(name)
    },
  )

  it('asks for nothing that .env.example does not name', () => {
    const text = readFileSync(join(repositoryRoot, 'docker-compose.yml'), 'utf8')
    const asked = new Set([...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name = '']) => name))
    expect([...asked].filter((name) => !(name in example))).toEqual([])
  })
})
