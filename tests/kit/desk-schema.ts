import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repositoryRoot } from '@presage/deploy/repository'
import { buildSchema } from '@presage/schema/schema'
import { shippedCatalogue } from '@presage/schema/shipped-catalogue'
import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  isUnionType,
} from 'graphql'

/** Types that only carry others. */
const CARRIERS = /(Connection|Edge)$/

const FOLDER = join(repositoryRoot, 'schema/desk')

/** The desk's part of the API's schema: what the code of `schema/desk` defines. */
export class DeskSchema {
  private constructor(
    readonly schema: ReturnType<typeof buildSchema>,
    readonly source: string,
  ) {}

  static async read(): Promise<DeskSchema> {
    const files = (await readdir(FOLDER)).filter((name) => !name.endsWith('.test.ts'))
    const texts = await Promise.all(files.map((name) => readFile(join(FOLDER, name), 'utf8')))
    return new DeskSchema(buildSchema(await shippedCatalogue()), texts.join('\n'))
  }

  /** The fields of the type of this name, in the schema's order. */
  fieldsOf(name: string): GraphQLField<unknown, unknown>[] {
    const type = this.schema.getType(name)
    if (!isObjectType(type)) throw new Error(`${name} is no object`)
    return Object.values(type.getFields())
  }

  /** The desk's own fields of `Mutation` or `Subscription`. */
  rootFields(root: 'Mutation' | 'Subscription'): GraphQLField<unknown, unknown>[] {
    return this.fieldsOf(root).filter(({ name }) =>
      new RegExp(`Field\\(\\s*'${name}'|^ {2}${name}: t\\.field`, 'm').test(this.source),
    )
  }

  /** The desk's own objects that these fields lead to, errors left out, by name. */
  reachable(fields: readonly GraphQLField<unknown, unknown>[]): Set<string> {
    const seen = new Set<GraphQLObjectType>()
    const walk = (field: GraphQLField<unknown, unknown>) => {
      for (const type of this.#objectsOf(field)) {
        if (seen.has(type) || !(this.#isDesks(type) || CARRIERS.test(type.name))) continue
        seen.add(type)
        Object.values(type.getFields()).forEach(walk)
      }
    }
    fields.forEach(walk)
    const told = [...seen].filter((type) => !CARRIERS.test(type.name) && !isError(type))
    return new Set(told.map(({ name }) => name))
  }

  /** What to ask of a field's answer: the code of a refusal, and every field of these types. */
  selection(field: GraphQLField<unknown, unknown>, whole: ReadonlySet<string> = new Set()): string {
    const to = getNamedType(field.type)
    if (isLeafType(to)) return ''
    const parts = this.#objectsOf(field)
      .filter(({ name }) => whole.has(name))
      .map((type) => `... on ${type.name} { ${this.#all(type, whole)} }`)
    const refusal = isUnionType(to) ? '... on Error { refusal: code }' : ''
    return `{ ${[refusal, ...parts, '__typename'].join(' ')} }`
  }

  #all(type: GraphQLObjectType, whole: ReadonlySet<string>): string {
    const fields = Object.values(type.getFields())
    return fields.map((field) => `${field.name} ${this.selection(field, whole)}`).join(' ')
  }

  #objectsOf({ type }: GraphQLField<unknown, unknown>): readonly GraphQLObjectType[] {
    const to = getNamedType(type)
    if (isAbstractType(to)) return this.schema.getPossibleTypes(to)
    return isObjectType(to) ? [to] : []
  }

  #isDesks({ name }: GraphQLObjectType): boolean {
    return this.source.includes(`'${name}'`)
  }
}

const isError = (type: GraphQLObjectType) =>
  type.getInterfaces().some(({ name }) => name === 'Error')
