import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { connectDirectly } from '#lib/broker/connect/direct-reads.ts'

/** Both ends of a connection. */
async function ends(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const near = connectDirectly({ host: '127.0.0.1', port })
  const [far] = (await once(server, 'connection')) as [Socket]
  onTestFinished(() => {
    near.destroy()
    far.destroy()
    server.close()
  })
  return { near, far }
}

/** Reads all that is there, as amqplib does. */
function readAll(stream: Socket, onChunk: (chunk: Buffer) => void): void {
  for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) onChunk(chunk)
}

/** Reads from now on; resolves with all at the end. */
async function readToEnd(stream: Socket): Promise<string> {
  let text = ''
  stream.on('readable', () => readAll(stream, (chunk) => (text += chunk)))
  await once(stream, 'end')
  return text
}

test('what comes is read from within the event, and is not overwritten by what follows', async () => {
  const { near, far } = await ends()
  const chunks: Buffer[] = []
  near.on('readable', () => {
    readAll(near, (chunk) => chunks.push(chunk))
    expect(near.readableLength).toBe(0)
  })
  for (const text of ['first', 'other', 'third']) {
    far.write(text)
    await once(near, 'readable')
  }
  expect(chunks.map(String)).toEqual(['first', 'other', 'third'])
})

test('what comes before there is a listener is kept, and is read ahead of the end', async () => {
  const { near, far } = await ends()
  far.write('kept ')
  await sleep(20)
  far.end('too')
  await sleep(20)
  expect(await readToEnd(near)).toBe('kept too')
})

test('what a listener leaves is kept for the next one, in order', async () => {
  const { near, far } = await ends()
  near.once('readable', () => {})
  far.write('left ')
  await sleep(20)
  far.write('and more')
  await sleep(20)
  const reading = readToEnd(near)
  await sleep(20)
  far.end()
  expect(await reading).toBe('left and more')
})

test('many bytes come whole, whatever the pieces', async () => {
  const { near, far } = await ends()
  const sent = Buffer.alloc(3_000_000)
  for (let at = 0; at < sent.length; at += 4) sent.writeUInt32BE(at, at)
  const chunks: Buffer[] = []
  near.on('readable', () => readAll(near, (chunk) => chunks.push(chunk)))
  far.end(sent)
  await once(near, 'end')
  expect(Buffer.concat(chunks).equals(sent)).toBe(true)
})

test('what is not read holds the sender back, and nothing is lost', async () => {
  const { near, far } = await ends()
  const sent = Buffer.alloc(20_000_000, 7)
  far.end(sent)
  await sleep(100)
  expect(near.readableLength).toBeLessThan(1_000_000)
  let length = 0
  near.on('data', (chunk: Buffer) => {
    length += chunk.length
  })
  await once(near, 'end')
  expect(length).toBe(sent.length)
})
