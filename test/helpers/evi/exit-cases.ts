import type { exitCodes, exitPartly } from '#lib/exit-codes.ts'
import type manifest from '../../../oclif.manifest.json'
import { serve } from '../brokers/local-server.ts'
import type { Ended } from './evi.ts'
import type { Scene } from './exit-scene.ts'

/** As the manifest has it. */
export type CommandId = keyof typeof manifest.commands
export type ExitCode = 0 | typeof exitPartly | (typeof exitCodes)[keyof typeof exitCodes]

/** A way to come to an exit code: words behind the command's own; `name` is another one in each run. */
export type Words = (name: string) => string[]

export interface Case {
  readonly words: Words
  readonly input?: string
  /** A configuration directory with a fault. */
  readonly config?: 'damaged' | 'unwritable' | 'locked'
  readonly environment?: Readonly<Record<string, string>>
  /** The failure is reported by the command's own report, and not as an error. */
  readonly report?: true
  /** NDJSON. */
  readonly lines?: true
  /** Goes to a full disk. */
  readonly full?: 'stdout' | 'stderr'
  /** Standard input is a directory. */
  readonly fromDirectory?: true
  /** Ctrl-C comes when the host that is given as `name` was asked. */
  readonly interrupted?: true
}
type Cases = Words | Case | readonly Case[]

/** The exit codes, each with the commands that can end with it, and how. */
export type ExitTable = Readonly<Record<ExitCode, Readonly<Partial<Record<CommandId, Cases>>>>>

/** A case, plain or with `--json`. */
export interface Run extends Omit<Case, 'words'> {
  readonly exit: ExitCode
  readonly id: CommandId
  readonly json: boolean
  readonly name: string
  /** @param host for what is interrupted, the one to ask */
  readonly words: (host?: string) => string[]
}

/** Each case twice, plain and with `--json`. */
export function runsOf(table: ExitTable): readonly Run[] {
  return Object.entries(table).flatMap(([code, row]) =>
    Object.entries(row).flatMap(([id, cases]) =>
      [cases].flat().flatMap((one, index) =>
        [false, true].map((json): Run => {
          const { words, ...more } = typeof one === 'function' ? { words: one } : one
          const name = `${code}-${id.replace(':', '-')}-${index}-${json ? 'json' : 'plain'}`
          return {
            ...more,
            exit: Number(code) as ExitCode,
            id: id as CommandId,
            json,
            name,
            words: (host = name) => words(host),
          }
        }),
      ),
    ),
  )
}

/** Runs evi as the case has it. */
export async function start(run: Run, scene: Scene): Promise<Ended> {
  const { evi, files } = scene
  const { id, json, input, config, environment, interrupted, full, fromDirectory } = run
  const options = {
    ...(input !== undefined && { input }),
    environment: {
      EVI_CONNECT_TIMEOUT: '30000',
      EVI_TIMEOUT: '30000',
      ...(config && { EVI_CONFIG_DIR: files[config] }),
      ...environment,
    },
  }
  const words = [...id.split(':'), ...(json ? ['--json'] : [])]
  if (interrupted) {
    const { promise: asked, resolve } = Promise.withResolvers<void>()
    const silent = await serve((connection) => connection.once('data', () => resolve()))
    const running = evi.start([...words, ...run.words(`127.0.0.1:${silent.port}`)], options)
    await Promise.race([asked, running.ended])
    const ended = await running.kill('SIGINT')
    await silent.close()
    return ended
  }
  words.push(...run.words())
  if (!full && !fromDirectory) return await evi.run(words, options)
  const redirection = fromDirectory ? '< /' : json || full === 'stdout' ? '> /dev/full' : '2> /dev/full'
  return await evi.shell(
    `${input ? `printf '%s' '${input}' | ` : ''}evi ${words.map((word) => `'${word}'`).join(' ')} ${redirection}`,
  )
}
