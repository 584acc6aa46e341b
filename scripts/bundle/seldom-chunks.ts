import type { Metafile } from 'esbuild'

/** The commands that scripts call and that people type all day. */
const everyday = ['check', 'list', 'raise', 'subscribe', 'tail', 'unsubscribe']

/** What these commands come to seldom, too: questions, the texts of the catalogue, completion, OpenSIPS itself. */
const seldom = [
  'src/lib/cli/check/check-opensips.ts',
  'src/lib/cli/completion/answer.ts',
  'src/lib/cli/raise/raise-by-opensips.ts',
  'src/lib/domain/event/catalogue.ts',
  'src/lib/terminal/prompts/inquirer.ts',
]

/**
 * The chunks that the everyday commands do not come to: kept in a second file, they cost these nothing.
 *
 * @returns their paths
 */
export function seldomChunks({ outputs }: Metafile): ReadonlySet<string> {
  const isSeldom = ({ entryPoint = '', inputs }: Metafile['outputs'][string]) =>
    seldom.some((path) => path in inputs) || (isOfCommand(entryPoint) && !isEveryday(entryPoint))
  const reached = new Set<string>()
  const reach = (path: string): void => {
    const chunk = outputs[path]
    if (!chunk || reached.has(path) || isSeldom(chunk)) return
    reached.add(path)
    for (const { path: imported } of chunk.imports) reach(imported)
  }
  for (const [path, { entryPoint }] of Object.entries(outputs)) if (entryPoint === 'evi.ts') reach(path)
  return new Set(Object.keys(outputs).filter((path) => !reached.has(path)))
}

const commandPath = /^(?:manifest:|src\/commands\/)(?<id>[a-z/:-]+?)(?:\.ts)?$/

const isOfCommand = (entryPoint: string) => commandPath.test(entryPoint)
const isEveryday = (entryPoint: string) => everyday.includes(commandPath.exec(entryPoint)?.groups?.id ?? '')
