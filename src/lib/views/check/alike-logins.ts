import { printAddress, type Socket } from '#lib/domain/socket/socket.ts'
import type { Wiring } from '#lib/services/check/check.ts'
import { type CheckedBroker, mostAlike, sortOf } from './render-check.ts'

/** Keeps the logins of one broker where something is wrong until all are known, as many that fail alike are one. */
export class AlikeLogins {
  /** The addresses of the brokers with many logins. */
  readonly #crowds: ReadonlySet<string>
  readonly #kept = new Map<string, CheckedBroker[]>()

  constructor(plan: readonly Wiring[]) {
    const brokers = Map.groupBy(plan, ({ sockets: [socket] }) => addressesOf(socket))
    this.#crowds = new Set(
      [...brokers].flatMap(([broker, logins]) => (logins.length < mostAlike ? [] : broker)),
    )
  }

  /** Whether the login is kept; one that is not is to be shown in its turn. */
  keeps(login: CheckedBroker): boolean {
    const broker = addressesOf(login.socket)
    if (!this.#crowds.has(broker)) return false
    const sorts = new Set([login, ...login.sockets].map(sortOf))
    if (sorts.size === 1 && sorts.has('')) return false
    const key = JSON.stringify([broker, ...sorts])
    const alike = this.#kept.get(key)
    if (alike) alike.push(login)
    else this.#kept.set(key, [login])
    return true
  }

  /** Those that were kept, the many that fail alike as one. */
  take(): readonly CheckedBroker[] {
    const groups = [...this.#kept.values()]
    this.#kept.clear()
    return groups.flatMap((alike) => (alike.length < mostAlike ? alike : [asOne(alike)]))
  }
}

function asOne(alike: readonly CheckedBroker[]): CheckedBroker {
  const [first] = alike as [CheckedBroker]
  return { ...first, logins: alike.length, sockets: alike.flatMap(({ sockets }) => sockets) }
}

function addressesOf({ hosts }: Socket): string {
  return hosts.map(printAddress).join()
}
