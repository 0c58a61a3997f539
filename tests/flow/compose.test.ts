import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { repositoryRoot } from '@presage/deploy/repository'
import { readConfig } from '@presage/server/config'
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
      build: z.object({ context: z.string(), target: z.string() }).optional(),
      command: z.array(z.string()).nullish(),
      volumes: z
        .array(z.object({ type: z.string(), source: z.string(), target: z.string() }))
        .optional(),
    }),
  ),
  volumes: z.record(z.string(), z.unknown()),
})

const textOf = (...path: string[]) => readFileSync(join(repositoryRoot, ...path), 'utf8')

/** What the first group of each match says. */
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, it]) => it)

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

/** The file as compose has it, with this set besides what it needs. */
const read = (env: Readonly<Record<string, string>> = {}) =>
  configSchema.parse(JSON.parse(compose({ ...filled, ...env }).stdout))

/** What a service mounts, by where it finds it; what is of the repository by its path in it. */
function mountsOf({ services }: z.infer<typeof configSchema>, name: string) {
  const mounts = services[name]?.volumes ?? []
  return Object.fromEntries(
    mounts.map(({ type, source, target }) => [
      target,
      type === 'bind' ? relative(repositoryRoot, source) : `${type} ${source}`,
    ]),
  )
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
    const { services } = read()
    const open = Object.entries(services).filter(([, { ports }]) =>
      ports?.some(({ host_ip }) => host_ip !== '127.0.0.1'),
    )
    expect(open.map(([name]) => name)).toEqual(['proxy'])
    for (const name of ['server', 'worker'])
      expect(services[name]).toMatchObject({
        ...{ read_only: true, cap_drop: ['ALL'] },
        build: { context: repositoryRoot, target: name },
      })
  })

  it('keeps what must outlive a container in volumes with names, where its program writes', () => {
    const config = read()
    expect(Object.keys(config.volumes).sort()).toEqual([
      'grafana',
      'nats',
      'postgres',
      'prometheus',
    ])
    // The image of PostgreSQL 18 has its PGDATA below this.
    expect(mountsOf(config, 'postgres')).toEqual({ '/var/lib/postgresql': 'volume postgres' })
    expect(mountsOf(config, 'nats')).toEqual({ '/data': 'volume nats' })
    expect(config.services.nats?.command).toEqual(
      expect.arrayContaining(['--jetstream', '--store_dir=/data']),
    )
    expect(mountsOf(config, 'prometheus')).toEqual({
      '/etc/prometheus': 'deploy/compose/prometheus',
      '/prometheus': 'volume prometheus',
    })
    expect(config.services.prometheus?.command).toContain('--storage.tsdb.path=/prometheus')
  })

  it('tells the server which other sites may call it, in words that it understands', () => {
    const CORS_ORIGINS = 'https://app.example.com,https://desk.example.com'
    const environment = read({ CORS_ORIGINS }).services.server?.environment ?? {}
    const set = Object.entries(environment).filter(([, value]) => value !== null)
    const TOKEN_KEYS = `k:${'secret'.repeat(8)}`
    expect(readConfig({ ...Object.fromEntries(set), TOKEN_KEYS }).corsOrigins).toEqual(
      CORS_ORIGINS.split(','),
    )
  })

  it('gives Grafana its dashboard, and a source of the name that every panel asks for', () => {
    const config = read()
    const mounts = mountsOf(config, 'grafana')
    expect(mounts).toEqual({
      '/etc/grafana/provisioning': 'deploy/compose/grafana/provisioning',
      '/var/lib/grafana/dashboards': 'deploy/compose/grafana/dashboards',
      '/var/lib/grafana': 'volume grafana',
    })
    for (const path of Object.values(mounts).filter((it) => !it.startsWith('volume')))
      expect(existsSync(join(repositoryRoot, path)), path).toBe(true)
    const provisioning = ['deploy', 'compose', 'grafana', 'provisioning']
    const provider = textOf(...provisioning, 'dashboards', 'presage.yml')
    expect(found(provider, /path: (\S+)/g)).toEqual(['/var/lib/grafana/dashboards'])
    const source = textOf(...provisioning, 'datasources', 'prometheus.yml')
    expect(found(source, /url: "http:\/\/([a-z]+):9090"/g)).toEqual(['prometheus'])
    const dashboard = textOf('deploy', 'compose', 'grafana', 'dashboards', 'presage.json')
    const asked = found(dashboard, /"datasource": \{[^}]*"uid": "([^"]*)"/g)
    expect(asked.length).toBeGreaterThan(10)
    expect(new Set(asked)).toEqual(new Set(found(source, /uid: ([^,\s]+)/g)))
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
    const text = textOf('docker-compose.yml')
    const asked = new Set([...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name = '']) => name))
    expect([...asked].filter((name) => !(name in example))).toEqual([])
  })
})

describe('the Dockerfile', () => {
  interface Stage {
    from: string
    lines: string[]
  }

  /** Its stages by their names. */
  const stages = new Map<string, Stage>()
  for (const part of textOf('Dockerfile')
    .split(/^FROM /m)
    .slice(1)) {
    const [head = '', ...lines] = part.split('\n')
    const [from = '', , name = ''] = head.split(' ')
    stages.set(name, { from, lines })
  }

  /** A stage and those that it stands on, the last one first. */
  function* below(name: string): Generator<Stage> {
    for (let stage = stages.get(name); stage; stage = stages.get(stage.from)) yield stage
  }

  it.each(['server', 'worker'])('makes a %s of what was built elsewhere, run by a user', (name) => {
    const own = [...below(name)].reverse()
    const build = stages.get('build')
    expect(build?.from).toMatch(/^node:/)
    expect(own).not.toContain(build)
    expect(own[0]?.from).toBe(build?.from)
    const lines = own.flatMap(({ lines }) => lines)
    // What it holds are the packages for production, and neither sources nor tools.
    expect(lines.filter((line) => /^(COPY|ADD|RUN)/.test(line))).toEqual([
      `COPY --from=build /images/${name} .`,
    ])
    expect(build?.lines.join('\n')).toContain(`deploy --prod /images/${name}`)
    expect(lines.filter((line) => line.startsWith('USER'))).toEqual(['USER node'])
  })
})
