import { styleText } from 'node:util'

export interface Progress {
  /** Shows how far it is, where stderr is a terminal. */
  readonly show: (text: string) => void
  /** Leaves a line with how it ended, and why it is no success. */
  readonly end: (kept: boolean, seconds: number, why: readonly string[]) => void
}

const clearLine = '\r\x1b[K'

/** On stderr: a line that changes on a terminal, and one at the end everywhere. */
export function progressOf(name: string): Progress {
  const terminal = process.stderr.isTTY
  return {
    show: (text) => {
      if (terminal) process.stderr.write(`${clearLine}${name}: ${text}`)
    },
    end: (kept, seconds, why) => {
      const mark = styleText(kept ? 'green' : 'red', kept ? '✔' : '✖', { stream: process.stderr })
      process.stderr.write(`${terminal ? clearLine : ''}${mark} ${name}  ${seconds.toFixed(1)} s\n`)
      for (const reason of why) process.stderr.write(`  ${reason}\n`)
    },
  }
}
