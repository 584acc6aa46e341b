import { identityOf, printSocket } from '#lib/domain/socket/socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { EviError } from '#lib/errors.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'
import type { EventSubscribers, OpenSips } from '#lib/opensips/opensips.ts'
import { node, type WiringNode } from '#lib/services/map/wiring-node.ts'
import type { AskingListener } from './asking.ts'
import { locateSubscribers } from './locate-subscribers.ts'

export interface OpenSipsMapRequest {
  /** Those of the map. */
  readonly subscriptions: readonly Subscription[]
  /** The map of them, a root for each event. */
  readonly roots: readonly WiringNode[]
  /** Undefined for all. */
  readonly event: string | undefined
  readonly listener: AskingListener
}

export interface OpenSipsMap {
  /** OpenSIPS with what it has, then the events of the sockets that only evi has. */
  readonly roots: readonly WiringNode[]
  /** Why OpenSIPS was not reached. */
  readonly failure: ErrorCode | undefined
}

/** Draws OpenSIPS as the root, and marks what only OpenSIPS has and what only evi has. */
export async function mapOpenSips(request: OpenSipsMapRequest, openSips: OpenSips): Promise<OpenSipsMap> {
  const name = `OpenSIPS at ${openSips.printed}`
  try {
    const version = await openSips.version()
    const drawer = new Drawer(request)
    const next: WiringNode[] = []
    const listed = await subscribersOf(openSips, request.event)
    const known = request.subscriptions.map(({ socket }) => socket)
    const options = { version, known, guess: false, listener: request.listener }
    for (const { event, subscribers } of await locateSubscribers(listed, options, openSips)) {
      const sockets = subscribers.map(({ printed, transport, socket }) => {
        if (transport !== 'rabbitmq')
          return node({ kind: 'socket', name: printed, note: 'not a rabbitmq socket' })
        const shared = socket && drawer.take(event, identityOf(socket))
        return shared ?? onlyThere(socket ? printSocket(socket) : printed)
      })
      next.push(node({ kind: 'event', name: event, next: sockets }))
    }
    const root = node({
      kind: 'opensips',
      name: `${version.text} at ${openSips.printed}`,
      state: 'passed',
      next,
    })
    return { roots: [root, ...drawer.rest()], failure: undefined }
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    const { message: note, hint = null } = error
    const root = node({ kind: 'opensips', name, state: 'failed', note, hint })
    return { roots: [root, ...request.roots], failure: error.code }
  }
}

async function subscribersOf(
  openSips: OpenSips,
  event: string | undefined,
): Promise<readonly EventSubscribers[]> {
  if (event === undefined) return await openSips.allSubscribers()
  return [{ event, subscribers: (await openSips.subscribers(event)) ?? [] }]
}

function onlyThere(name: string): WiringNode {
  return node({ kind: 'socket', name, state: 'warning', note: 'only in OpenSIPS' })
}

/** Hands out the nodes of evi's sockets; those that are left are only evi's. */
class Drawer {
  /** By event, then by the socket's identity. */
  readonly #nodes = new Map<string, Map<string, WiringNode>>()

  constructor({ subscriptions, roots }: OpenSipsMapRequest) {
    for (const [event, same] of Map.groupBy(subscriptions, (one) => one.event)) {
      const nodes = roots.find(({ name }) => name === event)?.next ?? []
      const pairs = same.map(({ socket }, at) => [identityOf(socket), nodes[at] as WiringNode] as const)
      this.#nodes.set(event, new Map(pairs))
    }
  }

  take(event: string, identity: string): WiringNode | undefined {
    const found = this.#nodes.get(event)?.get(identity)
    this.#nodes.get(event)?.delete(identity)
    return found
  }

  rest(): readonly WiringNode[] {
    const left = [...this.#nodes].filter(([, nodes]) => nodes.size > 0)
    return left.map(([name, nodes]) =>
      node({
        kind: 'event',
        name,
        next: [...nodes.values()].map((one) => ({
          ...one,
          state: one.state === 'failed' ? one.state : 'warning',
          note: one.note === null ? 'only in evi' : `only in evi; ${one.note}`,
        })),
      }),
    )
  }
}
