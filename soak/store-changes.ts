import type { Random } from './random.ts'

/** What a writer does, to things that no other one of its round touches. */
export interface Change {
  /** evi's argv. */
  readonly argv: readonly string[]
  /** What is read from standard input. */
  readonly input?: string
  /** The routing keys or TLS domains that it adds, or takes out. */
  readonly keys: readonly string[]
  readonly adds: boolean
  /** The setting, which all may write. */
  readonly heartbeat?: number
}

const eventOf = (key: string) => `E_${key.length}`
const socketOf = (key: string) => `rabbitmq:user:secret@broker.example:5672/${key}`

/** Changes of all kinds, each of new things or of one of those that are there. */
export class Changes {
  readonly #random: Random
  #number = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** @param present what is there */
  next(present: ReadonlySet<string>): Change {
    const subscribed = [...present].filter((key) => key.startsWith('queue'))
    const kind = this.#random.between(1, 10)
    if (kind <= 3) return this.#subscribe()
    if (kind <= 5) return this.#subscribeMany()
    if (kind <= 7 && subscribed.length > 0) return unsubscribe(this.#random.oneOf(subscribed))
    if (kind <= 9) return this.#set()
    const name = this.#name('domain')
    return { argv: ['tls-domain', 'set', name], keys: [name], adds: true }
  }

  #subscribe(): Change {
    const key = this.#name('queue')
    return { argv: ['subscribe', eventOf(key), socketOf(key)], keys: [key], adds: true }
  }

  #subscribeMany(): Change {
    const keys = Array.from({ length: 5 }, () => this.#name('queue'))
    const input = keys.map((key) => `${eventOf(key)} ${socketOf(key)}\n`).join('')
    return { argv: ['subscribe', '--batch', '-'], input, keys, adds: true }
  }

  #set(): Change {
    const heartbeat = this.#random.between(1, 300)
    return { argv: ['settings', 'heartbeat', String(heartbeat)], keys: [], adds: true, heartbeat }
  }

  #name(kind: string): string {
    return `${kind}-${++this.#number}`
  }
}

function unsubscribe(key: string): Change {
  return { argv: ['unsubscribe', eventOf(key), socketOf(key)], keys: [key], adds: false }
}
