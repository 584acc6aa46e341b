import { withInterrupts } from '#lib/cli/process/signals.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { findServer, serverDirectories } from '#lib/sandbox/find-server.ts'
import { type Sandbox, startSandbox } from '#lib/sandbox/sandbox.ts'
import type { SandboxStarter } from '#lib/services/setup/ports.ts'

/** The sandbox of a wizard: started when it is chosen, and only once. */
export class WizardSandbox implements SandboxStarter {
  #running: Sandbox | undefined

  /** The one that runs, if any. */
  get running(): Sandbox | undefined {
    return this.#running
  }

  possible(): boolean {
    try {
      return findServer(serverDirectories(process.env.PATH)) !== ''
    } catch (error) {
      if (error instanceof EviError) return false
      throw error
    }
  }

  async start(): Promise<Socket> {
    this.#running ??= await withInterrupts((signal) => startSandbox({ signal }))
    return parseSocket(this.#running.socket)
  }

  async stop(): Promise<void> {
    const sandbox = this.#running
    this.#running = undefined
    await sandbox?.stop()
  }
}
