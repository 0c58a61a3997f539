import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '@presage/deploy/repository'

/** What docker-compose.yml sets a variable to, word for word. */
export function composeSetting(name: string): string {
  const text = readFileSync(join(repositoryRoot, 'docker-compose.yml'), 'utf8')
  const [, value] = new RegExp(`^ +${name}: "(.*)"$`, 'm').exec(text) ?? []
  if (value === undefined) throw new Error(`docker-compose.yml does not set ${name}`)
  return value
}
