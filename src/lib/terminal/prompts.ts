import { printSocket, type Socket } from '../domain/socket.ts'
import type { Target } from '../services/unsubscribe.ts'
import { visibleLine } from './sanitise.ts'

/** Whether there is a person to ask; a prompt without a terminal would end the process. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}

/** Which of several subscribers shall go. */
export async function askForSubscriber(event: string, sockets: readonly Socket[]): Promise<Target> {
  const { select } = await import('@inquirer/prompts')
  const choices = sockets.map((socket) => ({ name: printSocket(socket), value: { socket } as Target }))
  const message = `Which subscriber of ${visibleLine(event)} shall be removed?`
  const all = { name: `All ${sockets.length} of them`, value: 'all' as Target }
  return await select({ message, choices: [...choices, all] }, { output: process.stderr })
}
