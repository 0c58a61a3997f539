// Preloaded by a test: tells at the end which files of packages the process had loaded.
const { appendFileSync } = require('node:fs')

process.on('exit', () => {
  const loaded = Object.keys(require.cache).filter((file) => file.includes('node_modules'))
  appendFileSync(process.env.LOADED_FILE, `${loaded.join('\n')}\n`)
})
