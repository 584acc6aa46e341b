import { run } from '@oclif/core/run'
import { settings } from '@oclif/core/settings'
import { helpArgv } from '#lib/cli/help/help-argv.ts'
import {
  chooseColors,
  hidePasswords,
  moveGlobalFlags,
  refuseBrokenArguments,
  refuseHelpAsValue,
} from '#lib/cli/process/argv.ts'
import { untilDone } from '#lib/cli/process/drained-loop.ts'
import { exitWhenInterrupted } from '#lib/cli/process/signals.ts'
import { completeUserEnvironment } from '#lib/cli/process/user-environment.ts'
import { EviError, systemCode, unwritable } from '#lib/errors.ts'
import { outputOf } from '#lib/terminal/output.ts'
import { loadColours } from '#lib/terminal/style.ts'
import { eviPlugin, type PluginParts, pluginFor } from './oclif-plugin.ts'
import { isDocument, reportError, stackOf } from './report-error.ts'

/** Runs evi with argv and ends the process. */
export async function runProgram(parts: PluginParts): Promise<never> {
  // amqplib asks for a stack at each end of a connection, for which V8 parses every function on it once more.
  if (!process.env.EVI_DEBUG) Error.stackTraceLimit = 0
  // A user's NODE_ENV=development must not make oclif look for TypeScript sources.
  settings.enableAutoTranspile = false
  // evi's colours are no theme's, so none is looked for.
  process.env.EVI_DISABLE_THEME = '1'
  completeUserEnvironment(process.env)
  // Before the listeners of oclif, which throw.
  process.stdout.prependListener('error', endWithoutOutput)
  process.stderr.prependListener('error', goOnUnheard)
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.isTTY) (await import('#lib/terminal/escape-guard.ts')).guardTerminal(stream)
  }
  process.on('uncaughtException', endWithError)
  // Node hands it on to the one above, bun does not.
  process.on('unhandledRejection', endWithError)
  // oclif prints help and version by it; bun's own does not report a full disk.
  console.log = (text = '') => process.stdout.write(`${text}\n`)
  exitWhenInterrupted(() => endWithError(new EviError('interrupted', 'Interrupted.')))
  // A file that may grow no more (ulimit -f) is an error of the write, not a reason to die.
  process.on('SIGXFSZ', () => {})
  try {
    const argv = [...moveGlobalFlags(process.argv.slice(2))]
    chooseColors(argv, process.env)
    await loadColours([process.stdout, process.stderr], process.env)
    if (argv[0] === completionCall) return await endCompletion(argv[1], parts)
    refuseBrokenArguments(argv)
    hidePasswords(argv)
    const shown = helpArgv(argv, bareTopics(parts))
    const plugin = await pluginFor(shown, parts)
    refuseHelpAsValue(argv, plugin.commands)
    const plugins = new Map([[plugin.name, plugin]])
    await untilDone(run(shown, { plugins, pjson: plugin.pjson, root: plugin.root }))
    await written()
  } catch (error) {
    const { withSuggestion } = await import('./suggestion.ts')
    const typed = { argv: moveGlobalFlags(process.argv.slice(2)), program: await eviPlugin(parts) }
    endWithError(await withSuggestion(error, typed))
  }
  // A name that is still being looked up must not keep evi alive.
  process.exit()
}

/** The topics that are no command themselves. */
function bareTopics({ pjson, commands }: PluginParts): readonly string[] {
  return Object.keys(pjson.oclif.topics ?? {}).filter((name) => !(name in commands))
}

/** What the scripts of `evi completion` call at each tab; past oclif, as it must be quick. */
const completionCall = '__complete'

/** Never an error: the user is in the middle of a command line. */
async function endCompletion(shell: string | undefined, parts: PluginParts): Promise<never> {
  try {
    const { completionAnswer } = await import('#lib/cli/completion/answer.ts')
    process.stdout.write(await completionAnswer(shell, await eviPlugin(parts), process.env))
    await written()
  } catch (error) {
    if (process.env.EVI_DEBUG) process.stderr.write(stackOf(error))
  }
  process.exit(0)
}

/** Resolves when all output is flushed; oclif's own flush lets 16 kB be lost where stdout is a socket. */
async function written(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => {
      // Its end would be the end for all that share it; only there does an empty write always wait its turn.
      if (isSocket(stream)) stream.write('', () => resolve())
      // That the disk is full may be known only after the end.
      else stream.end(() => setImmediate(resolve))
    })
  }
}

/** Recognized without loading Node's sockets. */
function isSocket(stream: object): boolean {
  return 'setNoDelay' in stream
}

/** The reader is gone: `evi list | head -1` ends at once, as what was decided so far. A full disk is an error. */
function endWithoutOutput(error: Error): never {
  if (systemCode(error) === 'EPIPE') process.exit()
  endWithError(unwritable(error))
}

/** A message without a reader does not stop the work. */
function goOnUnheard(error: Error): void {
  if (systemCode(error) !== 'EPIPE') endWithError(unwritable(error))
}

function endWithError(error: unknown): never {
  const json = isDocument(error, process.argv.slice(2))
  const { write, style } = outputOf(process.stderr, process.env)
  const report = reportError(error, { json, style })
  if (process.env.EVI_DEBUG) process.stderr.write(stackOf(error))
  if (json) process.stdout.write(report.text)
  else write(report.text)
  process.exit(report.exit)
}
