import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { brokerAddress, Client } from '../brokers/client.ts'
import { type LocalServer, serve } from '../brokers/local-server.ts'
import { testBroker } from '../brokers/sandbox.ts'
import { closedPort, methods, swallowingProxy } from '../brokers/servers.ts'
import { Evi } from './evi.ts'

/** Everything that evi's exit codes are about, side by side: brokers, queues, stores and files, good and bad. */
export interface Scene {
  readonly evi: Evi
  /** Sockets, by what becomes of an event there. */
  readonly sockets: Readonly<Record<keyof Awaited<ReturnType<typeof makeSockets>>['sockets'], string>>
  /** Sockets of queues that take some events, for two runs. */
  readonly halfFull: string[]
  /** Files that are there, and configuration directories. */
  readonly files: ReturnType<typeof makeFiles>
  /** The URL of a management API that does not answer. */
  readonly management: string
  dispose(): Promise<void>
}

/**
 * The events of the scene's store: E_GOOD, E_BAD, E_PARTLY, E_TOPIC, E_TWO and E_CLUSTER by their subscribers, and those of `gone` for each
 * to be taken away once; TLS domains and contexts of these names are there, too.
 */
export async function makeScene(gone: readonly string[]): Promise<Scene> {
  const evi = new Evi()
  const client = await Client.connect()
  const { sockets, servers, stream } = await makeSockets(client)
  const halfFull = await Promise.all([limited(client, 3), limited(client, 3)])
  const events = {
    E_GOOD: [sockets.good],
    E_BAD: [sockets.missing],
    E_PARTLY: [sockets.good, sockets.missing],
    E_TOPIC: [sockets.copied],
    E_TWO: [sockets.good, sockets.missing],
    E_CLUSTER: ['rabbitmq:one,two/q'],
    ...Object.fromEntries(gone.map((name) => [`E_${name}`, [sockets.good]])),
  }
  const lines = Object.entries(events).flatMap(([event, some]) => some.map((socket) => `${event} ${socket}`))
  const subscribed = await evi.run(['subscribe', '--batch', '-'], { input: lines.join('\n') })
  if (subscribed.code !== 0) throw new Error(subscribed.stderr)
  const domains = ['known', ...gone].map((name) => ({
    name,
    ca: null,
    certificate: null,
    privateKey: null,
    verifyCert: true,
    serverName: null,
  }))
  writeFileSync(join(evi.configDirectory, 'tls-domains.json'), JSON.stringify({ version: 1, domains }))
  for (const name of ['known', ...gone])
    mkdirSync(join(evi.configDirectory, 'contexts', name), { recursive: true })
  const files = makeFiles(evi.configDirectory)
  const locks = ['subscriptions', 'settings', 'tls-domains', 'context', 'contexts'].map((name) =>
    lock(join(files.locked, `${name}.lock`)),
  )
  return {
    evi,
    sockets,
    halfFull: halfFull.map((queue) => `${brokerAddress}/${queue}`),
    files,
    management: `http://127.0.0.1:${await closedPort()}`,
    async dispose() {
      for (const held of locks) held.close()
      await evi.dispose()
      await client.channel.deleteQueue(stream)
      await client.close()
      await Promise.all(servers.map((server) => server.close()))
    },
  }
}

async function makeSockets(client: Client) {
  const [waiting, full] = [await client.queue(), await limited(client, 1)]
  const kept = await client.stream()
  const filling = await client.confirmChannel()
  for (const queue of [waiting, full, kept]) filling.sendToQueue(queue, Buffer.from('{}'))
  await filling.waitForConfirms()
  const [silent, swallowing, mute] = await Promise.all([
    serve(() => {}),
    swallowingProxy(),
    swallowingProxy(methods.declareQueue),
  ])
  const at = ({ port }: Pick<LocalServer, 'port'>) => `rabbitmq:guest:guest@127.0.0.1:${port}`
  const nowhere = `nowhere-${randomUUID()}`
  const good = await client.queue()
  const sockets = {
    good: `${brokerAddress}/${good}`,
    /** A queue with a message, for one at a time to look at. */
    waiting: `${brokerAddress}/${waiting}`,
    /** A stream with a message. */
    kept: `${brokerAddress}/${kept}`,
    /** A queue that takes no more. */
    full: `${brokerAddress}/${full}`,
    /** An exchange that any number may watch. */
    copied: `${brokerAddress}/amq.topic?${nowhere}`,
    missing: `${brokerAddress}/${nowhere}`,
    noExchange: `${brokerAddress}/${nowhere}?k`,
    refused: `rabbitmq:guest:wrong@${testBroker.host}:${testBroker.port}/q`,
    closed: `${at({ port: await closedPort() })}/q`,
    /** A host that takes connections and says nothing. */
    silent: `${at(silent)}/q`,
    /** A broker that falls silent with the first message. */
    swallowing: `${at(swallowing)}/${good}`,
    /** A broker that falls silent with the first queue. */
    mute: `${at(mute)}/amq.topic?k`,
  }
  return { sockets, servers: [silent, swallowing, mute], stream: kept }
}

/** A queue that rejects what is too much for it. */
async function limited(client: Client, length: number): Promise<string> {
  const name = `q-${randomUUID()}`
  const rejecting = { 'x-max-length': length, 'x-overflow': 'reject-publish' }
  await client.channel.assertQueue(name, { durable: false, expires: 600_000, arguments: rejecting })
  return name
}

function makeFiles(directory: string) {
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(join(directory, name), content)
    return join(directory, name)
  }
  const [damaged, locked] = [join(directory, 'damaged'), join(directory, 'locked')]
  for (const made of [damaged, locked]) mkdirSync(made)
  for (const name of ['subscriptions', 'tls-domains'])
    copyFileSync(join(directory, `${name}.json`), join(locked, `${name}.json`))
  for (const name of ['subscriptions', 'settings', 'tls-domains'])
    file(`damaged/${name}.json`, '{"version":1')
  return {
    /** No JSON, no UTF-8, no certificate. */
    garbage: file('garbage', Buffer.from([0xff, 0x0a])),
    none: join(directory, 'none'),
    /** As a configuration directory. */
    damaged,
    unwritable: join(file('file', ''), 'below'),
    /** Whose locks are held. */
    locked,
  }
}

/** Holds a lock of evi's until it is closed. */
function lock(file: string): DatabaseSync {
  const held = new DatabaseSync(file)
  held.exec('BEGIN EXCLUSIVE')
  return held
}
