import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@presage/deploy/process/free-port'
import { startUntilReady, stopService } from '@presage/deploy/process/service'
import { repositoryRoot } from '@presage/deploy/repository'
import { generate } from 'selfsigned'
import { composeSetting } from './compose-setting.js'
import { debianProgram } from './debian-program.js'

const TEMPLATE = join(repositoryRoot, 'deploy', 'compose', 'nginx.conf.template')

/** A running nginx with the configuration that ships. */
export interface Nginx {
  url: string
  /** Also answers without TLS, by sending elsewhere. */
  plainUrl: string
  /** Of its certificate. */
  ca: string
  /** What it wrote of itself: which connection failed it, and when. */
  log(): string
  stop(): Promise<void>
}

/** Starts nginx in front of servers, with a certificate of its own. */
export async function startNginx(serverUrls: readonly string[]): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'presage-nginx-'))
  const [httpPort, httpsPort] = [await freePort(), await freePort()]
  const ca = await writeCertificate(folder)
  const upstream = serverUrls.map(upstreamOf).join(' ')
  writeConfig(folder, {
    UPSTREAM: upstream,
    NGINX_LOCAL_RESOLVERS: '127.0.0.1',
    HTTP_PORT: `127.0.0.1:${httpPort}`,
    HTTPS_PORT: `127.0.0.1:${httpsPort}`,
    TLS_FOLDER: folder,
  })
  const plainUrl = `http://127.0.0.1:${httpPort}`
  const logFile = join(folder, 'nginx.log')
  const command = {
    name: 'nginx',
    command: [
      debianProgram('nginx'),
      '-p',
      folder,
      '-e',
      'stderr',
      '-c',
      join(folder, 'main.conf'),
    ],
    logFile,
    recordFile: join(folder, 'nginx.process'),
  }
  const service = await startUntilReady(command, () => answers(plainUrl), 30_000)
  return {
    url: `https://127.0.0.1:${httpsPort}`,
    plainUrl,
    ca,
    log: () => readFileSync(logFile, 'utf8'),
    async stop() {
      await stopService(service, [
        ['SIGTERM', 5_000],
        ['SIGKILL', 2_000],
      ])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** As the servers that ship are named, but by an address, which Debian's nginx resolves once. */
const upstreamOf = (url: string): string =>
  composeSetting('UPSTREAM').replace('server:4000 resolve', new URL(url).host)

async function writeCertificate(folder: string): Promise<string> {
  const names = [{ type: 7 as const, ip: '127.0.0.1' }]
  const made = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [{ name: 'subjectAltName', altNames: names }],
  })
  writeFileSync(join(folder, 'tls.crt'), made.cert)
  writeFileSync(join(folder, 'tls.key'), made.private)
  return made.cert
}

/** As the image of nginx does: the variables filled in, within a main file of its own. */
function writeConfig(folder: string, variables: Readonly<Record<string, string>>): void {
  const filled = Object.entries(variables).reduce(
    (text, [name, value]) => text.replaceAll(`\${${name}}`, value),
    readFileSync(TEMPLATE, 'utf8'),
  )
  writeFileSync(join(folder, 'presage.conf'), filled)
  const scratch = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  for (const name of scratch) mkdirSync(join(folder, name))
  const paths = scratch.map((name) => `  ${name}_temp_path ${join(folder, name)};`).join('\n')
  const main = `daemon off;
pid ${join(folder, 'nginx.pid')};
events {}
http {
  access_log off;
${paths}
  include ${join(folder, 'presage.conf')};
}
`
  writeFileSync(join(folder, 'main.conf'), main)
}

const answers = (url: string): Promise<boolean> =>
  fetch(url, { redirect: 'manual' }).then(
    () => true,
    () => false,
  )
