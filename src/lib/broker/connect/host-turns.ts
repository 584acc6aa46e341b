import type { Stage } from '#lib/broker/broker.ts'
import { type Host, printAddress } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { NoDescriptor } from './connection-slots.ts'
import type { Observe } from './dial.ts'

/**
 * Connections to one host that are opened at once. RabbitMQ lets 128 wait to be accepted (`tcp_listen_options.backlog`);
 * the system drops the attempts beyond them, and each comes again after a second only.
 */
const most = 64

/** Those that open a connection to one host. */
interface Turns {
  opening: number
  /** When the host answered last, whatever it said. */
  answeredAt: number
  readonly waiting: PromiseWithResolvers<Silence | undefined>[]
}

/** Why none of the connections that were opened at once came to be. */
interface Silence {
  readonly failure: EviError
  readonly stage: Stage | undefined
}

const turnsByHost = new Map<string, Turns>()

/**
 * Opens a connection to a host when few others are being opened. Where the host answers none of those, or none of evi's
 * connections leaves its descriptor, the ones that wait fail alike, as they would one after the other, each after its timeout.
 *
 * @throws EviError what `open` throws
 */
export async function inTurn<T>(
  host: Host,
  observe: Observe,
  open: (observe: Observe) => Promise<T>,
): Promise<T> {
  const turns = turnsOf(host)
  const silence = await nextTurn(turns)
  if (silence) {
    if (silence.stage) observe({ ...silence.stage, ms: 0 })
    throw silence.failure
  }
  const start = performance.now()
  let failed: Stage | undefined
  try {
    const opened = await open((stage) => {
      if (stage.failure) failed = stage
      observe(stage)
    })
    turns.answeredAt = performance.now()
    return opened
  } catch (error) {
    if (error instanceof NoDescriptor || (isSilence(error, failed) && turns.answeredAt < start))
      for (const one of turns.waiting.splice(0)) one.resolve({ failure: error, stage: failed })
    else if (!isSilence(error, failed)) turns.answeredAt = performance.now()
    throw error
  } finally {
    const next = turns.waiting.shift()
    if (next) next.resolve(undefined)
    else if (--turns.opening === 0) turnsByHost.delete(printAddress(host))
  }
}

function turnsOf(host: Host): Turns {
  const key = printAddress(host)
  const known = turnsByHost.get(key)
  if (known) return known
  const turns: Turns = { opening: 0, answeredAt: Number.NEGATIVE_INFINITY, waiting: [] }
  turnsByHost.set(key, turns)
  return turns
}

async function nextTurn(turns: Turns): Promise<Silence | undefined> {
  if (turns.opening < most) {
    turns.opening++
    return undefined
  }
  const turn = Promise.withResolvers<Silence | undefined>()
  turns.waiting.push(turn)
  return await turn.promise
}

/** The host itself is not there, whatever the login: a certificate and a refusal are of one login only. */
function isSilence(error: unknown, failed: Stage | undefined): error is EviError {
  return (
    error instanceof EviError &&
    error.code === 'unreachable' &&
    /^(?:name|tcp|amqp)$/.test(failed?.step ?? '')
  )
}
