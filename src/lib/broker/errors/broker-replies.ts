import type { ErrorCode } from '#lib/exit-codes.ts'
import { cutReply, type ReplyNames, type ReplyTemplate, replyTemplate } from './reply-template.ts'

/** What a reply means; the names decide which remedy fits. */
type ReplyKind =
  | 'no-exchange'
  | 'no-queue'
  | 'no-vhost'
  | 'vhost-refused'
  | 'login-refused'
  | 'connection-limit'
  | 'channel-limit'
  | 'queue-limit'
  | 'queue-down'
  | 'vhost-down'
  | 'closed-by-operator'
  | 'credential-expired'
  | 'exchange-refused'
  | 'queue-refused'
  | 'topic-refused'
  | 'internal-exchange'
  | 'inequivalent'
  | 'queue-locked'
  | 'no-stream'
  | 'stream-unlimited'
  | 'invalid-alternate'
  | 'reserved-name'
  | 'message-too-large'
  | 'broker-fault'

interface ReplyRow {
  readonly says: string
  /** The only major version of RabbitMQ that says it. */
  readonly only?: 3 | 4
  /** No test could provoke it on a broker; it is only quoted, and read for whether it may pass. */
  readonly unprovoked?: true
  readonly kind: ReplyKind
  readonly code: ErrorCode
  /** It may pass by itself, so that trying again makes sense. */
  readonly transient: boolean
}

/** A reply of the table, with the names in it. */
export interface KnownReply {
  readonly kind: ReplyKind
  readonly code: ErrorCode
  readonly transient: boolean
  readonly names: ReplyNames
}

const passing = { transient: true } as const
const lasting = { transient: false } as const

/**
 * The sentences of RabbitMQ that evi reads, without the name of their code; all others are only quoted. The longer ones of those
 * that begin alike come first. Source: rabbit_reader, rabbit_channel, rabbit_access_control, rabbit_amqqueue, rabbit_queue_type and
 * rabbit_misc of RabbitMQ 3.10 to 4.3.
 */
export const replyRows: readonly ReplyRow[] = [
  // Opening the connection.
  {
    says: "access to vhost '{vhost}' refused for user '{user}': connection limit ({limit}) is reached",
    kind: 'connection-limit',
    code: 'unreachable',
    ...passing,
  },
  {
    says: "access to vhost '{vhost}' refused for user '{user}': connection limit cannot be queried, timeout",
    unprovoked: true,
    kind: 'broker-fault',
    code: 'unreachable',
    ...passing,
  },
  {
    says: "access to vhost '{vhost}' refused for user '{user}': vhost '{down}' is down",
    kind: 'vhost-down',
    code: 'unreachable',
    ...passing,
  },
  {
    says: "connection refused for user '{user}': user connection limit ({limit}) is reached",
    kind: 'connection-limit',
    code: 'unreachable',
    ...passing,
  },
  {
    says: 'connection refused: node connection limit ({limit}) is reached',
    only: 4,
    kind: 'connection-limit',
    code: 'unreachable',
    ...passing,
  },
  { says: 'vhost {vhost} not found', kind: 'no-vhost', code: 'refused', ...lasting },
  {
    says: "access to vhost '{vhost}' refused for user '{user}'",
    kind: 'vhost-refused',
    code: 'refused',
    ...lasting,
  },
  {
    says: 'Login was refused using authentication mechanism {mechanism}. For details see the broker logfile.',
    kind: 'login-refused',
    code: 'refused',
    ...lasting,
  },
  // An open connection.
  {
    says: "broker forced connection closure with reason '{reason}'",
    kind: 'closed-by-operator',
    code: 'unreachable',
    ...passing,
  },
  {
    says: 'Closed via management plugin',
    kind: 'closed-by-operator',
    code: 'unreachable',
    ...passing,
  },
  { says: 'credential expired', only: 4, kind: 'credential-expired', code: 'unreachable', ...passing },
  {
    says: 'number of channels opened ({number}) has reached the negotiated channel_max ({limit})',
    kind: 'channel-limit',
    code: 'unreachable',
    ...passing,
  },
  {
    says: "number of channels opened on node '{node}' has reached the maximum allowed limit of {limit}",
    only: 4,
    kind: 'channel-limit',
    code: 'unreachable',
    ...passing,
  },
  {
    says: "number of channels opened for user '{user}' has reached the maximum allowed user limit of ({limit})",
    only: 3,
    kind: 'channel-limit',
    code: 'unreachable',
    ...passing,
  },
  {
    says: "number of channels opened for user '{user}' has reached the maximum allowed user limit of {limit}",
    only: 4,
    kind: 'channel-limit',
    code: 'unreachable',
    ...passing,
  },
  // A channel.
  {
    says: "no exchange '{exchange}' in vhost '{vhost}'",
    kind: 'no-exchange',
    code: 'no-exchange',
    ...lasting,
  },
  { says: "no queue '{queue}' in vhost '{vhost}'", kind: 'no-queue', code: 'unroutable', ...lasting },
  {
    says: "home node '{node}' of durable queue '{queue}' in vhost '{vhost}' is down or inaccessible",
    only: 3,
    kind: 'queue-down',
    code: 'timeout',
    ...passing,
  },
  {
    says: "failed to perform operation on queue '{queue}' in vhost '{vhost}' due to timeout",
    only: 4,
    kind: 'queue-down',
    code: 'timeout',
    ...passing,
  },
  ...refusals('access to', 3),
  ...refusals('write access to', 4),
  ...refusals('read access to', 4),
  // Nothing on a topic is configured.
  ...refusals('configure access to', 4).slice(1),
  {
    says: "cannot publish to internal exchange '{exchange}' in vhost '{vhost}'",
    kind: 'internal-exchange',
    code: 'refused',
    ...lasting,
  },
  {
    says: "cannot declare queue '{queue}': queue limit in vhost '{vhost}' ({limit}) is reached",
    kind: 'queue-limit',
    code: 'precondition',
    ...passing,
  },
  {
    says: "cannot declare queue '{queue}': queue limit in cluster ({limit}) is reached",
    only: 4,
    kind: 'queue-limit',
    code: 'precondition',
    ...passing,
  },
  {
    says: "inequivalent arg '{argument}' for {thing} in vhost '{vhost}': received {received} but current is {current}",
    kind: 'inequivalent',
    code: 'precondition',
    ...lasting,
  },
  {
    says: "invalid arg 'x-stream-offset' for queue '{queue}' in vhost '{vhost}' of queue type rabbit_{type}_queue",
    kind: 'no-stream',
    code: 'precondition',
    ...lasting,
  },
  {
    says: "consumer prefetch count is not set for 'queue '{queue}' in vhost '{vhost}''",
    only: 3,
    kind: 'stream-unlimited',
    code: 'precondition',
    ...lasting,
  },
  {
    says: "consumer prefetch count is not set for stream queue '{queue}' in vhost '{vhost}'",
    only: 4,
    kind: 'stream-unlimited',
    code: 'precondition',
    ...lasting,
  },
  {
    says: "invalid type 'byte' for arg 'alternate-exchange' in exchange '{exchange}' in vhost '{vhost}'",
    kind: 'invalid-alternate',
    code: 'precondition',
    ...lasting,
  },
  {
    says: "exchange name '{exchange}' contains reserved prefix 'amq.*'",
    kind: 'reserved-name',
    code: 'refused',
    ...lasting,
  },
  {
    says: "cannot obtain exclusive access to locked queue '{queue}' in vhost '{vhost}'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.",
    kind: 'queue-locked',
    code: 'queue-locked',
    ...passing,
  },
  {
    says: 'message size {size} is larger than configured max size {limit}',
    kind: 'message-too-large',
    code: 'precondition',
    ...lasting,
  },
]

/** A permission that is missing, on a topic, an exchange or a queue; RabbitMQ 4 says which. */
function refusals(access: string, only: 3 | 4): readonly ReplyRow[] {
  const things = [
    ['topic-refused', "topic '{key}' in exchange '{exchange}'"],
    ['exchange-refused', "exchange '{exchange}'"],
    ['queue-refused', "queue '{queue}'"],
  ] as const
  return things.map(([kind, thing]) => ({
    says: `${access} ${thing} in vhost '{vhost}' refused for user '{user}'`,
    only,
    kind,
    code: 'refused',
    ...lasting,
  }))
}

/**
 * Reads a reply by the whole of its sentence; undefined where it is none that evi knows, or is cut off where it could be several.
 *
 * @param text the reply text of `connection.close`, `channel.close` or `basic.return`, with or without the name of its code
 */
export function readReply(text: string): KnownReply | undefined {
  const sentence = withoutCodeName(text)
  compiled ??= replyRows.map((row) => ({ row, template: replyTemplate(row.says) }))
  for (const { row, template } of compiled) {
    const match = template.whole.exec(sentence)
    if (match) return known(row, match.groups)
  }
  const beginning = cutReply(sentence, Buffer.byteLength(text))
  if (beginning === undefined) return undefined
  const rows = compiled.flatMap(({ row, template }) => (template.beginning.test(beginning) ? [row] : []))
  const [first] = rows
  return first && rows.every(({ kind }) => kind === first.kind) ? known(first, {}) : undefined
}

let compiled: { readonly row: ReplyRow; readonly template: ReplyTemplate }[] | undefined

function known({ kind, code, transient }: ReplyRow, names: ReplyNames = {}): KnownReply {
  return { kind, code, transient, names }
}

/** RabbitMQ puts the name of the code before its sentence, as in `NOT_FOUND - no queue …`. */
export function withoutCodeName(text: string): string {
  return text.replace(/^[A-Z_]+ - /, '').trim()
}
