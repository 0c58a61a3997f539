// Preloaded by a test: a machine without a network, which notes who asked for one.
const { appendFileSync } = require('node:fs')
const dns = require('node:dns')
const net = require('node:net')

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1'])

/** Where the test says that there is a proxy: who asks it asks for the network. */
const PROXY_PORT = 9

function refuse(host) {
  if (LOOPBACK.has(host)) return
  appendFileSync(process.env.ASKED_FILE, `${host} by ${process.argv.slice(1).join(' ')}\n`)
  throw Object.assign(new Error(`There is no network to reach ${host}.`), { code: 'ENETUNREACH' })
}

/** Before each call of the method, what it is to reach is looked at. */
function guard(owner, name, hostOf) {
  const method = owner[name]
  owner[name] = function (...args) {
    refuse(hostOf(args))
    return method.apply(this, args)
  }
}

/** Of `connect(options)`, `connect(port, host)`, and what `net.connect` makes of both; a path is local. */
function hostOfSocket([first, second]) {
  const options = Array.isArray(first) ? first[0] : first
  if (typeof options === 'string') return 'localhost'
  const port = typeof options === 'object' ? options.port : options
  if (Number(port) === PROXY_PORT) return 'a proxy'
  if (typeof options !== 'object') return typeof second === 'string' ? second : 'localhost'
  return options.path ? 'localhost' : (options.host ?? 'localhost')
}

guard(net.Socket.prototype, 'connect', hostOfSocket)
for (const names of [dns, dns.promises]) {
  guard(names, 'lookup', ([host]) => host)
  guard(names, 'resolve', ([host]) => host)
}
