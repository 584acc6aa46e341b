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
  if (command === 'list_queues') return listQueues(vhost, rest)
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
  delete_vhost: oneWord('rabbit_vhost:delete'),
  set_permissions: ofUserAndVhost('set_permissions'),
  set_topic_permissions: ofUserAndVhost('set_topic_permissions'),
  set_user_limits: ofUser('set_user_limits'),
  set_vhost_limits: (vhost, limits = '') => `rabbit_vhost_limit:parse_set(${binaries(vhost, limits)}, ${by})`,
  set_vm_memory_high_watermark: (_, fraction) =>
    `vm_memory_monitor:set_vm_memory_high_watermark(${fraction})`,
}

const listable = ['name', 'messages', 'messages_ready', 'messages_unacknowledged']

/** A line for each queue of a vhost, without the names of the columns. */
function listQueues(vhost: string, items: readonly string[]): string | undefined {
  if (!items.every((item) => listable.includes(item))) return undefined
  const value = 'case V of {resource, _, _, Name} -> Name; _ -> integer_to_list(V) end'
  const line = `[lists:join("\\t", [${value} || {_, V} <- Info]), "\\n"]`
  return `[${line} || Info <- rabbit_amqqueue:info_all(${binaries(vhost)}, [${items.join()}])]`
}

function printed(expression: string): string {
  return `io_lib:format("~tp~n", [begin ${expression} end])`
}

/** As Erlang writes them, in ASCII. */
function binaries(...words: readonly string[]): string {
  const escaped = (one: string) => `\\x{${one.codePointAt(0)?.toString(16)}}`
  return words.map((word) => `<<"${word.replace(/["\\]|[^ -~]/gu, escaped)}"/utf8>>`).join()
}
