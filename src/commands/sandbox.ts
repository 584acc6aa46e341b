import { once } from 'node:events'
import { join } from 'node:path'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { runCommand } from '#lib/cli/process/run-child.ts'
import { takeInterrupts } from '#lib/cli/process/signals.ts'
import { EviError } from '#lib/errors.ts'
import { type Sandbox as RunningSandbox, startSandbox } from '#lib/sandbox/sandbox.ts'
import { shellWord } from '#lib/text/shell-word.ts'

export default class Sandbox extends BaseCommand<typeof Sandbox> {
  static override description =
    'a private RabbitMQ to try evi with, thrown away at the end\n\n' +
    "The machine's own rabbitmq-server, run as the current user in a temporary directory and on free ports of " +
    '127.0.0.1. It prints a socket to subscribe and runs until Ctrl-C, or until COMMAND ends, which finds the ' +
    'socket in EVI_SANDBOX_SOCKET and gives the exit code. COMMAND is killed when it has not ended 10 s after a ' +
    'signal, or at a second signal. EVI_RABBITMQ_HOME does what --rabbitmq does.'
  static override examples = [
    '<%= config.bin %> sandbox',
    '<%= config.bin %> sandbox -- sh -c \'evi raise E_TEST --socket "$EVI_SANDBOX_SOCKET"\'',
    '<%= config.bin %> sandbox --management -- sh -c \'curl -u guest:guest "$EVI_SANDBOX_MANAGEMENT_URL/api/overview"\'',
  ]
  static override strict = false
  static override usage = 'sandbox [--management] [--rabbitmq DIR] [--json] [-- COMMAND...]'

  static override flags = {
    management: Flags.boolean({ description: 'start the management plugin, too' }),
    rabbitmq: Flags.string({
      helpValue: 'DIR',
      description: 'another RabbitMQ: the directory of its rabbitmq-server, or where it was unpacked',
    }),
  }

  async run(): Promise<void> {
    const command = this.command()
    const interrupted = takeInterrupts()
    const started = performance.now()
    this.err.write('Starting RabbitMQ ...\n')
    const { management, rabbitmq } = this.flags
    const sandbox = await startSandbox({ management, home: rabbitmq, signal: interrupted })
    try {
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      this.err.write(`RabbitMQ ${sandbox.version} is up after ${seconds} s.\n`)
      if (command.length > 0) process.exitCode = await this.runIn(sandbox, command)
      else await this.holdUntil(interrupted, sandbox)
    } finally {
      await sandbox.stop()
    }
  }

  private async runIn(sandbox: RunningSandbox, command: readonly string[]): Promise<number> {
    let running = true
    // The command may have ended it on purpose, and its own exit code says how that went.
    sandbox.ended.then(() => running && this.err.write(`${sandbox.failure().message}\n`))
    try {
      return await runCommand(command, {
        environment: environmentOf(sandbox),
        onKill: (sentence) => this.err.write(`${sentence}\n`),
        killRest: sandbox.killCommand,
      })
    } finally {
      running = false
    }
  }

  private async holdUntil(interrupted: AbortSignal, sandbox: RunningSandbox): Promise<void> {
    const { socket, host, port, managementUrl, tools } = sandbox
    if (this.flags.json) this.printJson({ socket, host, port, managementUrl })
    else this.out.writeRaw(`${socket}\n`)
    if (managementUrl !== null) this.err.write(`Management at ${managementUrl}, user and password guest.\n`)
    this.err.write(`Its rabbitmqctl: ${shellWord(join(tools, 'rabbitmqctl'))}\n`)
    this.err.write('Ctrl-C ends it and removes every trace.\n')
    await Promise.race([sandbox.ended, interrupted.aborted || once(interrupted, 'abort')])
    if (!interrupted.aborted) throw sandbox.failure()
  }

  /** The argv behind `--`. */
  private command(): readonly string[] {
    const end = this.argv.indexOf('--')
    const command = end < 0 ? [] : this.argv.slice(end + 1)
    if (command.length === this.positionals.length) return command
    throw new EviError('usage', `${JSON.stringify(this.positionals[0])} is not expected here.`, {
      hint: 'A command to run stands behind --: evi sandbox -- COMMAND',
    })
  }
}

function environmentOf({ socket, managementUrl, commandEnvironment }: RunningSandbox): NodeJS.ProcessEnv {
  const environment = { ...commandEnvironment, EVI_SANDBOX_SOCKET: socket }
  return managementUrl === null ? environment : { ...environment, EVI_SANDBOX_MANAGEMENT_URL: managementUrl }
}
