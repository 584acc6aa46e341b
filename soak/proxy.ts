import { connect as dial, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { loopback } from '#lib/sandbox/node-files.ts'
import { type LocalServer, serve } from '../test/helpers/brokers/local-server.ts'
import type { Random } from './random.ts'

/** A bad network in front of a broker: it splits and delays what it carries, and does worse on request. */
export interface BadNetwork extends LocalServer {
  /** Ends all connections without a close. */
  reset(): void
  /** The connections there are carry nothing any more, in either direction, and stay open. */
  stall(): void
  /** So many of the next connections are cut while they are opened, or soon after. */
  doom(connections: number): void
}

/** Of the chunks so many are split; of those, most pieces are of so many bytes at the most, and some come late. */
const splitShare = 0.05
const largestPiece = 40
const lateShare = 0.02
/** Milliseconds. */
const longestDelay = 30
/** Bytes of the broker's after which a doomed connection is cut; the handshake takes about 600. */
const doomedAfter = [0, 900] as const

interface Way {
  readonly client: Socket
  stalled: boolean
  /** Bytes that the broker may still send. */
  credit: number
}

/** Starts it on a free port. */
export async function startBadNetwork(brokerPort: number, random: Random): Promise<BadNetwork> {
  const ways = new Set<Way>()
  let doomed = 0
  const server = await serve((client) => {
    const credit = doomed-- > 0 ? random.between(...doomedAfter) : Number.POSITIVE_INFINITY
    const way: Way = { client, stalled: false, credit }
    ways.add(way)
    const upstream = dial(brokerPort, loopback).on('error', () => client.destroy())
    client.setNoDelay().on('close', () => {
      ways.delete(way)
      upstream.destroy()
    })
    upstream.setNoDelay().on('close', () => client.destroy())
    // What ends one of them ends the other, too.
    pipeline(client, (chunks) => carry(chunks, way, random), upstream).catch(() => {})
    pipeline(upstream, (chunks) => carry(spend(chunks, way), way, random), client).catch(() => {})
  })
  return {
    ...server,
    reset: () => {
      for (const { client } of ways) client.resetAndDestroy()
    },
    stall: () => {
      for (const way of ways) way.stalled = true
    },
    doom: (connections) => {
      doomed = connections
    },
  }
}

async function* carry(chunks: AsyncIterable<Buffer>, way: Way, random: Random): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    for (const piece of random.next() < splitShare ? split(chunk, random) : [chunk]) {
      if (random.next() < lateShare) await sleep(random.between(1, longestDelay))
      // Until it is cut.
      if (way.stalled) await new Promise(() => {})
      yield piece
    }
  }
}

/** Cuts the way when the broker has said as much as it may. */
async function* spend(chunks: AsyncIterable<Buffer>, way: Way): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    if (chunk.length > way.credit) {
      yield chunk.subarray(0, way.credit)
      way.client.destroy()
      return
    }
    way.credit -= chunk.length
    yield chunk
  }
}

/** Small pieces, and the rest. */
function* split(chunk: Buffer, random: Random): Generator<Buffer> {
  let at = 0
  for (let pieces = random.between(1, 8); pieces > 0 && at < chunk.length; pieces--) {
    const end = at + random.between(1, largestPiece)
    yield chunk.subarray(at, end)
    at = end
  }
  if (at < chunk.length) yield chunk.subarray(at)
}
