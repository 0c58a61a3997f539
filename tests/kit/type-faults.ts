import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { repositoryRoot } from '@presage/deploy/repository'
import ts from 'typescript'

/** What TypeScript finds wrong with files outside the repository that import the SDK, file by file. */
export function typeFaults(files: readonly string[]): string[] {
  const config = join(repositoryRoot, 'tsconfig.json')
  const { config: json } = ts.parseConfigFileTextToJson(config, readFileSync(config, 'utf8'))
  const { options } = ts.convertCompilerOptionsFromJson(json.compilerOptions, repositoryRoot)
  const sdk = join(repositoryRoot, 'client', 'sdk', 'presage.ts')
  const program = ts.createProgram(files, {
    ...options,
    incremental: false,
    tsBuildInfoFile: undefined,
    types: [join(repositoryRoot, 'node_modules', '@types', 'node')],
    paths: { '@presage/client': [sdk] },
  })
  return files.flatMap((file) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .map(
        ({ messageText }) =>
          `${basename(file)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      ),
  )
}
