import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { takeInterrupts } from '#lib/cli/process/signals.ts'
import { runInSandbox, sandboxCommand, untilInterrupted } from '#lib/cli/sandbox/run-in-sandbox.ts'
import { type Sandbox as RunningSandbox, startSandbox } from '#lib/sandbox/sandbox.ts'
import { renderSandbox, sandboxDocument } from '#lib/views/sandbox/render-sandbox.ts'

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
    const { err, flags } = this
    const command = sandboxCommand(this.argv, this.positionals)
    const interrupted = takeInterrupts()
    const started = performance.now()
    err.write(`Starting RabbitMQ ${err.style().marks.more}\n`)
    const { management, rabbitmq } = flags
    const sandbox = await startSandbox({ management, home: rabbitmq, signal: interrupted })
    try {
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      err.write(`RabbitMQ ${sandbox.version} is up after ${seconds} s.\n`)
      if (command.length > 0) process.exitCode = await runInSandbox(command, { sandbox, err })
      else await this.hold(sandbox, interrupted)
    } finally {
      await sandbox.stop()
    }
  }

  private async hold(sandbox: RunningSandbox, interrupted: AbortSignal): Promise<void> {
    await this.present(sandbox, { json: sandboxDocument, text: ({ socket }) => `${socket}\n`, raw: true })
    this.err.write(renderSandbox(sandbox))
    await untilInterrupted(sandbox, interrupted)
  }
}
