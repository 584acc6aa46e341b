import { join } from 'node:path'
import { shellWord } from '#lib/text/shell-word.ts'

/** A sandbox that runs. */
interface ShownSandbox {
  readonly socket: string
  readonly host: string
  readonly port: number
  /** Null without the management plugin. */
  readonly managementUrl: string | null
  /** The directory of its rabbitmqctl. */
  readonly tools: string
}

/** Where a program finds it. */
export function sandboxDocument({ socket, host, port, managementUrl }: ShownSandbox): object {
  return { socket, host, port, managementUrl }
}

/** How to look into it, and how to end it. */
export function renderSandbox({ managementUrl, tools }: ShownSandbox): string {
  const management =
    managementUrl === null ? '' : `Management at ${managementUrl}, user and password guest.\n`
  return `${management}Its rabbitmqctl: ${shellWord(join(tools, 'rabbitmqctl'))}\nCtrl-C ends it and removes every trace.\n`
}
