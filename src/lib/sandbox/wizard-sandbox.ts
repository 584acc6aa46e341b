import { parseSocket } from '../domain/parse-socket.ts'
import type { Socket } from '../domain/socket.ts'
import { EviError } from '../errors.ts'
import type { SandboxStarter } from '../services/setup/ports.ts'
import { withInterrupts } from '../terminal/interrupt.ts'
import { findServer, serverDirectories } from './find-server.ts'
import { type Sandbox, startSandbox } from './sandbox.ts'

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
