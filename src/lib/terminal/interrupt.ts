import { exitCodes } from '../exit-codes.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Until a command takes them over, the signals end the process at once, with the exit code of an interruption. */
export function exitWhenInterrupted(): void {
  for (const signal of signals) process.on(signal, exitNow)
}

/**
 * Takes the signals over for work that has something to clean up: the first aborts the returned signal, a second one
 * ends the process at once.
 */
export function takeInterrupts(): AbortSignal {
  const controller = new AbortController()
  for (const signal of signals) {
    process.off(signal, exitNow)
    process.once(signal, () => {
      for (const next of signals) process.on(next, exitNow)
      controller.abort()
    })
  }
  return controller.signal
}

/** Takes the signals over for as long as an action runs that has something to clean up; each aborts its signal. */
export async function withInterrupts<T>(action: (interrupted: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const abort = () => controller.abort()
  for (const signal of signals) process.on(signal, abort).off(signal, exitNow)
  try {
    return await action(controller.signal)
  } finally {
    for (const signal of signals) process.on(signal, exitNow).off(signal, abort)
  }
}

/** Has the signals end nothing any more, but where a command has taken them over. */
export function outliveInterrupts(): void {
  for (const signal of signals) process.off(signal, exitNow).on(signal, () => {})
}

function exitNow(): never {
  process.exit(exitCodes.interrupted)
}

/**
 * Leaves the signals to a child, whom `pass` sends them; SIGINT it gets from the terminal itself, as evi does. To be
 * called before the child is started, so that none falls in between.
 */
export function passInterrupts(pass: (signal: NodeJS.Signals) => void): void {
  for (const signal of signals) {
    process.removeAllListeners(signal)
    process.on(signal, () => {
      if (signal !== 'SIGINT') pass(signal)
    })
  }
}
