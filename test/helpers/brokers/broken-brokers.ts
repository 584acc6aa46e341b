import {
  type Behaviour,
  closeFrame,
  content,
  frame,
  type Heard,
  long,
  longlong,
  longText,
  method,
  octet,
  short,
  shortText,
  start,
  type Turn,
  tune,
} from './broken-broker.ts'

const garbage = Buffer.from('\x00\xff\x1b[31mHTTP/1.1 400 Bad Request\r\n\r\n\xce\x01', 'latin1')
const heartbeat = frame(8, 0, Buffer.of())

/** How a broker may break AMQP at any of its words. */
const breaches: Readonly<Record<string, (turn: Turn) => void>> = {
  'is silent': () => {},
  closes: ({ socket }) => socket.end(),
  resets: ({ socket }) => socket.resetAndDestroy(),
  'says garbage': ({ say }) => say(garbage),
  'says half a frame, then nothing': ({ say, good }) => say(good.subarray(0, good.length >> 1)),
  'says half a frame, then closes': ({ socket, good }) => socket.end(good.subarray(0, good.length >> 1)),
  'claims 4 GB': ({ say, channel }) => say(frame(1, channel, Buffer.alloc(64), { size: 0xffff_ffff })),
  'claims 64 MB': ({ say, channel }) => say(frame(1, channel, Buffer.alloc(64), { size: 0x3ff_ffff })),
  'sends a frame of an unknown type': ({ say, channel }) => say(frame(9, channel, Buffer.alloc(4))),
  'ends a frame wrongly': ({ say, channel }) => say(frame(1, channel, Buffer.alloc(4), { end: 0 })),
  'sends an unknown method': ({ say, channel }) => say(frame(1, channel, Buffer.from('00770077', 'hex'))),
  'sends a method without its number': ({ say, channel }) => say(frame(1, channel, Buffer.of())),
  'sends an answer to another question': ({ say, channel }) => say(method(channel, 'tx.select-ok')),
  'answers on a channel that is not open': ({ say }) => say(method(77, 'channel.open-ok', longText(''))),
  'sends a close that is cut short': ({ say }) => say(method(0, 'close')),
}

/** evi's words, one in each part of a conversation; the last two come from some commands only. */
const places: readonly Heard[] = ['header', 'start-ok', 'open', 'channel.open', 'publish', 'consume']

/** A broker knows the password, and may repeat it. */
export const hostilePassword = 's3cret-password'

const hostileText = Buffer.from(
  'NOT_ALLOWED - \x1b]0;owned\x07\x1b[2J\u202e\x9b31m s3cret-password rabbitmq:u:s3cret-password@h/q \xff\xfe',
  'latin1',
)

/** Says it again and again, as fast as evi reads. */
function forever(bytes: (turn: Turn) => Buffer): (turn: Turn) => void {
  return (turn) => {
    const { socket, good } = turn
    const flood = bytes(turn)
    const block = Buffer.concat(Array.from({ length: Math.ceil(65_536 / flood.length) }, () => flood))
    socket.write(good)
    const pump = () => {
      while (socket.writable && socket.write(block)) {
        // Until the kernel takes no more.
      }
    }
    socket.on('drain', pump)
    pump()
  }
}

/** A byte a second, and the first at once: what comes is never enough for a frame, and never nothing. */
function trickle({ socket, good }: Turn): void {
  let at = 0
  const next = () =>
    socket.writable && socket.write(good.subarray(at % good.length, (at++ % good.length) + 1))
  next()
  const timer = setInterval(next, 1000)
  socket.on('close', () => clearInterval(timer))
}

const unasked = ({ channel }: Pick<Turn, 'channel'>, size?: bigint) => {
  const deliver = method(
    channel,
    'deliver',
    shortText('evi'),
    longlong(1n),
    octet(0),
    shortText(''),
    shortText('q'),
  )
  return Buffer.concat([deliver, content(channel, Buffer.from('x'.repeat(1000)), size)])
}

const returned = ({ channel }: Pick<Turn, 'channel'>) =>
  Buffer.concat([
    method(channel, 'return', short(312), shortText('NO_ROUTE'), shortText(''), shortText('q')),
    content(channel, Buffer.from('never')),
  ])

const acked = ({ channel }: Pick<Turn, 'channel'>, tag: bigint, multiple = 0) =>
  method(channel, 'ack', longlong(tag), octet(multiple))

/** Lets the good answer follow. */
const before = (bytes: (turn: Turn) => Buffer) => (turn: Turn) => turn.say(bytes(turn), turn.good)
const instead = (bytes: (turn: Turn) => Buffer) => (turn: Turn) => turn.say(bytes(turn))

const special: Readonly<Record<string, Behaviour>> = {
  'no limits at all (tune 0, 0)': { 'start-ok': instead(() => tune(0, 0, 0)) },
  'frames of 0x100 bytes': { 'start-ok': instead(() => tune(2047, 0x100, 0)) },
  'frames of 4096 bytes, and one channel': { 'start-ok': instead(() => tune(1, 4096, 0)) },
  'a heartbeat each second, and none sent': { 'start-ok': instead(() => tune(2047, 131_072, 1)) },
  'no mechanism that evi knows': { header: instead(() => start({}, '\x1b[31m AMQPLAIN')) },
  'a hostile name': { header: instead(() => start({ product: hostileText.toString(), version: '\x1b[2J' })) },
  'a name of 60 kB': { header: instead(() => start({ product: 'x'.repeat(60_000) })) },
  'tables in tables': { header: instead(() => nested(20_000)) },
  'a login refused in hostile words': { 'start-ok': instead(() => closeFrame(0, 403, hostileText)) },
  'a vhost refused in hostile words': { open: instead(() => closeFrame(0, 530, hostileText)) },
  'a text of 255 bytes': { open: instead(() => closeFrame(0, 541, 'x\n'.repeat(127))) },
  'a channel closed in hostile words': {
    publish: instead(({ channel }) => closeFrame(channel, 406, hostileText)),
  },
  'a connection closed in hostile words': { publish: instead(() => closeFrame(0, 541, hostileText)) },
  'a channel closed as soon as it is open': {
    'channel.open': (turn) => turn.say(turn.good, closeFrame(turn.channel, 541, hostileText)),
  },
  'publishers blocked in hostile words': {
    'channel.open': before(() => method(0, 'blocked', shortText(hostileText))),
  },
  'confirms of what was never published': { publish: instead((turn) => acked(turn, 77n)) },
  'confirms of everything for ever': { publish: instead((turn) => acked(turn, 2n ** 63n - 1n, 1)) },
  'a confirm of the 4,000,000,000th': { publish: instead((turn) => acked(turn, 4_000_000_000n)) },
  'each confirm twice': { publish: (turn) => turn.say(turn.good, turn.good) },
  'messages returned that were not sent': { publish: before(returned) },
  'deliveries that were not asked for': { publish: before((turn) => unasked(turn)) },
  'a cut message': { consume: before((turn) => unasked(turn, 10n ** 15n)) },
  'a message without a body before the next': {
    consume: before(({ channel }) => method(channel, 'deliver', shortText('evi'))),
  },
  'heartbeats for ever at the start': { header: forever(() => heartbeat) },
  'heartbeats for ever instead of a confirm': { publish: forever(() => heartbeat) },
  'bogus confirms for ever': { publish: forever((turn) => acked(turn, 77n)) },
  'a byte a second at the start': { header: trickle },
  'a byte a second instead of an open channel': { 'channel.open': trickle },
}

/** Their floods would fill a memory that keeps what comes. */
export const floods: Readonly<Record<string, Behaviour>> = {
  'bytes for ever at the start': { header: forever(() => Buffer.alloc(65_536, 'x')) },
  'zeros for ever in the login': { 'start-ok': forever(() => Buffer.alloc(65_536)) },
  'returns for ever': { publish: forever(returned) },
  'deliveries for ever, whatever was asked for': {
    consume: forever((turn) => unasked(turn)),
    publish: forever((turn) => unasked(turn)),
  },
  'the pieces of a message without end': {
    consume: (turn) => {
      turn.say(turn.good, unasked(turn, 2n ** 29n))
      forever(({ channel }) => frame(3, channel, Buffer.from('x')))({ ...turn, good: Buffer.of() })
    },
    publish: (turn) => {
      turn.say(unasked(turn, 2n ** 29n))
      forever(({ channel }) => frame(3, channel, Buffer.of()))({ ...turn, good: Buffer.of() })
    },
  },
}

function nested(depth: number): Buffer {
  const parts: Buffer[] = []
  for (let inside = depth; inside > 0; inside--)
    parts.push(Buffer.from('\x00F', 'latin1'), long((inside - 1) * 6))
  const bytes = Buffer.concat(parts)
  return method(
    0,
    'start',
    octet(0),
    octet(9),
    long(bytes.length),
    bytes,
    longText('PLAIN'),
    longText('en_US'),
  )
}

/** All that a broker may do wrong, by a name for it. */
export const brokenBrokers: Readonly<Record<string, Behaviour>> = {
  ...Object.fromEntries(
    places.flatMap((place) =>
      Object.entries(breaches).map(([name, breach]) => [`at ${place} it ${name}`, { [place]: breach }]),
    ),
  ),
  ...special,
}
