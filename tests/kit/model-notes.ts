import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { repositoryRoot } from '@presage/deploy/repository'
import { MODELS_DIR } from '@presage/models/card/load-catalogue'

/** A block of code; `file` is where the notes say it stands. */
interface Block {
  language: string
  text: string
  file: string | undefined
}

/** The folder that the notes put the example into. */
const FOLDER = 'my-models'

/** The example of models/README.md: what a reader writes, runs and sends, in the order of the page. */
export class ModelNotes {
  private constructor(
    readonly blocks: readonly Block[],
    readonly dir: string,
  ) {}

  /** Reads the page; `dir` is in the place of its folder. */
  static async read(dir: string): Promise<ModelNotes> {
    const page = await readFile(join(MODELS_DIR, 'README.md'), 'utf8')
    const [example = ''] = page.split('\n## Names and versions')
    const found = example.matchAll(/(?:`([^`\n]+)`:\n\n)?```(\w+)\n(.*?)```/gs)
    const blocks = [...found].map(([, file, language = '', text = '']) => ({
      language,
      text,
      file,
    }))
    return new ModelNotes(blocks, dir)
  }

  /** The blocks of a language, files left out. */
  of(language: string): string[] {
    return this.blocks
      .filter((block) => block.language === language && !block.file)
      .map(({ text }) => text)
  }

  /** The one command that contains the words. */
  command(words: string): string {
    const command = this.of('sh').find((text) => text.includes(words))
    if (!command) throw new Error(`models/README.md has no command with ${words}`)
    return command
  }

  /** Writes the page's files and runs its commands, in order, up to the one with these words. */
  async follow(until: string): Promise<string[]> {
    const outputs: string[] = []
    for (const { language, text, file } of this.blocks) {
      if (text.includes(until)) break
      if (file) await this.#write(file, text)
      else if (language === 'sh') outputs.push(await this.run(text))
    }
    return outputs
  }

  /** Runs a command at the top of the repository; answers with what it printed. */
  async run(command: string): Promise<string> {
    // npm is where Node is, and runs the same scripts.
    const script = this.#here(command).replace(/pnpm (?:-s )?([\w:-]+)/, 'npm run -s $1 --')
    const options = { cwd: repositoryRoot }
    return (await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], options)).stdout
  }

  async #write(file: string, text: string): Promise<void> {
    const path = this.#here(file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }

  #here(text: string): string {
    return text.replaceAll(`$PWD/${FOLDER}`, this.dir).replaceAll(FOLDER, this.dir)
  }
}
