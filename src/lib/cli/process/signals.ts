import { exitCodes } from '#lib/exit-codes.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Milliseconds in which further signals are the same one: timeout(1) sends its signal to the process and to its group, npm
 * passes a Ctrl-C on that the terminal has sent, a shell that ends sends a second SIGHUP.
 */
const echoes = 200
let lastSignal = Number.NEGATIVE_INFINITY

let end = (): never => process.exit(exitCodes.interrupted)

/** Until a command takes them over, the signals end the process at once. @param ending says so and ends it */
export function exitWhenInterrupted(ending: () => never): void {
  end = ending
  for (const signal of signals) process.on(signal, exitNow)
}

/**
 * Takes the signals over for work that has something to clean up: the first aborts the returned signal, a second one
 * ends the process at once.
 */
export function takeInterrupts(): AbortSignal {
  return takeOver().interrupted
}

/** Takes the signals over in the same way, for as long as an action runs that has something to clean up. */
export async function withInterrupts<T>(action: (interrupted: AbortSignal) => Promise<T>): Promise<T> {
  const { interrupted, interrupt } = takeOver()
  try {
    return await action(interrupted)
  } finally {
    for (const signal of signals) process.on(signal, exitNow).off(signal, interrupt)
  }
}

/** Has the signals end nothing any more, but where a command has taken them over. */
export function outliveInterrupts(): void {
  for (const signal of signals) process.off(signal, exitNow).on(signal, () => {})
}

function takeOver(): { interrupted: AbortSignal; interrupt: NodeJS.SignalsListener } {
  const controller = new AbortController()
  const interrupt = once(() => (controller.signal.aborted ? end() : controller.abort()))
  for (const signal of signals) process.on(signal, interrupt).off(signal, exitNow)
  return { interrupted: controller.signal, interrupt }
}

const exitNow = once(() => end())

/** Calls the listener once for a signal and its echoes. */
function once(listener: (signal: NodeJS.Signals) => void): NodeJS.SignalsListener {
  return (signal) => {
    const now = performance.now()
    if (now - lastSignal < echoes) return
    lastSignal = now
    listener(signal)
  }
}

/** Hands each signal to `pass`, and no longer ends the process. To be called before a child is started. */
export function passInterrupts(pass: (signal: NodeJS.Signals) => void): void {
  const passed = once(pass)
  for (const signal of signals) {
    process.removeAllListeners(signal)
    process.on(signal, passed)
  }
}
