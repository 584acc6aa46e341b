import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Sandbox } from '#lib/sandbox/sandbox.ts'
import { ErlCall } from './erl-call.ts'

/**
 * `rabbitmqctl` whose commonest commands do not start it: the broker itself evaluates what the command would call. Other
 * commands are left to it, and all of them where there is no `erl_call`.
 */
export function quickRabbitmqctl(
  broker: Pick<Sandbox, 'tools'>,
  { erlCall }: { readonly erlCall: string },
): Sandbox['rabbitmqctl'] {
  const erlang = new ErlCall(erlCall, broker)
  return async (...argv) => {
    const expression = erlCall === '' ? undefined : erlangOf(argv)
    if (expression !== undefined) return await erlang.evaluate(expression)
    return (await promisify(execFile)(join(broker.tools, 'rabbitmqctl'), argv)).stdout
  }
}

/** What a command does in the broker, as Erlang that returns a text; undefined where it is not known here. */
function erlangOf(argv: readonly string[]): string | undefined {
  const words = argv.filter((word) => !/^(?:-q|--quiet|--no-table-headers)$/.test(word))
  const at = words.indexOf('-p')
  const [, vhost = '/'] = at < 0 ? [] : words.splice(at, 2)
  const [command = '', ...rest] = words
  if (command === 'eval') return printed(rest.join().replace(/\.\s*$/, ''))
  if (command === 'list_queues')
    return lines(`rabbit_amqqueue:info_all(${binaries(vhost)}, [${rest.join()}])`)
  if (command === 'list_exchanges')
    return lines(`rabbit_exchange:info_all(${binaries(vhost)}, [${rest.join()}])`)
  const call = calls[command]?.(vhost, ...rest)
  return call && `begin ok = ${call}, "" end`
}

type Call = (vhost: string, ...words: string[]) => string

const users = 'rabbit_auth_backend_internal'
const by = '<<"test">>'
const oneWord =
  (name: string): Call =>
  (_, word = '') =>
    `${name}(${binaries(word)}, ${by})`
const ofUser =
  (name: string): Call =>
  (_, ...words) =>
    `${users}:${name}(${binaries(...words)}, ${by})`
const ofUserAndVhost =
  (name: string): Call =>
  (vhost, user = '', ...words) =>
    `${users}:${name}(${binaries(user, vhost, ...words)}, ${by})`

/** Calls that return `ok`, by the command of rabbitmqctl. */
const calls: Readonly<Record<string, Call>> = {
  add_user: ofUser('add_user'),
  add_vhost: oneWord('rabbit_vhost:add'),
  change_password: ofUser('change_password'),
  clear_user_limits: ofUser('clear_user_limits'),
  clear_vhost_limits: (vhost) => `rabbit_vhost_limit:clear(${binaries(vhost)}, ${by})`,
  close_all_user_connections: (_, ...words) =>
    `rabbit_networking:close_all_user_connections(${binaries(...words)})`,
  delete_vhost: oneWord('rabbit_vhost:delete'),
  set_permissions: ofUserAndVhost('set_permissions'),
  set_policy: (vhost, ...words) => {
    const at = words.indexOf('--apply-to')
    const [, kind = 'all'] = at < 0 ? [] : words.splice(at, 2)
    return `rabbit_policy:parse_set(${binaries(vhost, ...words)}, 0, ${binaries(kind)}, ${by})`
  },
  set_topic_permissions: ofUserAndVhost('set_topic_permissions'),
  set_user_limits: ofUser('set_user_limits'),
  set_user_tags: (_, user = '', ...tags) => `${users}:set_tags(${binaries(user)}, [${tags}], ${by})`,
  set_vhost_limits: (vhost, limits = '') => `rabbit_vhost_limit:parse_set(${binaries(vhost, limits)}, ${by})`,
  set_vm_memory_high_watermark: (_, fraction) =>
    `vm_memory_monitor:set_vm_memory_high_watermark(${fraction})`,
  start_app: () => 'rabbit:start()',
  stop_app: () => 'rabbit:stop()',
  trace_on: (vhost) => `rabbit_trace:start(${binaries(vhost)})`,
}

/** A line for each thing of a listing, with a tab between two items, and without the names of the columns. */
function lines(listing: string): string {
  const text = 'case Value of {resource, _, _, Name} -> Name; _ -> io_lib:format("~tp", [Value]) end'
  return `[[lists:join("\\t", [${text} || {_, Value} <- Info]), "\\n"] || Info <- ${listing}]`
}

function printed(expression: string): string {
  return `io_lib:format("~tp~n", [begin ${expression} end])`
}

/** As Erlang writes them, in ASCII. */
function binaries(...words: readonly string[]): string {
  const escaped = (one: string) => `\\x{${one.codePointAt(0)?.toString(16)}}`
  return words.map((word) => `<<"${word.replace(/["\\]|[^ -~]/gu, escaped)}"/utf8>>`).join()
}
