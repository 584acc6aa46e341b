import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export const loopback = '127.0.0.1'

/** Each service of a sandbox has a port of its own. */
export interface Ports {
  readonly amqp: number
  readonly distribution: number
  readonly epmd: number
  readonly management: number | null
}

/** A directory with all that one RabbitMQ reads and writes, and the variables that keep it inside. */
export interface Layout {
  readonly directory: string
  readonly environment: NodeJS.ProcessEnv
}

/**
 * Makes the temporary directory of a sandbox.
 *
 * @param bin where RabbitMQ's own programs are
 * @param config lines for its rabbitmq.conf, after the sandbox's own
 */
export function layOut(bin: string, ports: Ports, config: readonly string[]): Layout {
  const directory = mkdtempSync(join(tmpdir(), 'evi-sandbox-'))
  const inside = (name: string) => join(directory, name)
  mkdirSync(inside('log'))
  writeFileSync(inside('environment.conf'), '')
  writeFileSync(inside('enabled_plugins'), ports.management === null ? '[].\n' : '[rabbitmq_management].\n')
  writeFileSync(inside('rabbitmq.conf'), [...ownConfig(ports), ...config, ''].join('\n'))
  return {
    directory,
    environment: {
      PATH: [bin, process.env.PATH, '/usr/bin', '/bin'].filter(Boolean).join(delimiter),
      LANG: 'C.UTF-8',
      // The Erlang cookie is made here.
      HOME: directory,
      ERL_EPMD_ADDRESS: loopback,
      ERL_EPMD_PORT: String(ports.epmd),
      // An epmd started by Erlang is a daemon that outlives the sandbox.
      ERL_AFLAGS: '-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}',
      ERL_CRASH_DUMP_SECONDS: '0',
      // The server's script then becomes the Erlang VM, so that killing the one kills the other.
      RABBITMQ_ALLOW_INPUT: '1',
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-noinput',
      RABBITMQ_NODENAME: `evi-sandbox-${ports.amqp}@localhost`,
      RABBITMQ_DIST_PORT: String(ports.distribution),
      // Any free port, as many rabbitmqctl may run at once.
      RABBITMQ_CTL_DIST_PORT_MIN: '0',
      RABBITMQ_CTL_DIST_PORT_MAX: '0',
      RABBITMQ_CONF_ENV_FILE: inside('environment.conf'),
      RABBITMQ_CONFIG_FILE: inside('rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: inside('enabled_plugins'),
      RABBITMQ_LOG_BASE: inside('log'),
      RABBITMQ_MNESIA_BASE: inside('data'),
    },
  }
}

function ownConfig({ amqp, management }: Ports): string[] {
  const lines = [
    `listeners.tcp.1 = ${loopback}:${amqp}`,
    'log.file = false',
    'log.console = true',
    'log.console.level = warning',
  ]
  if (management === null) return lines
  return [...lines, `management.tcp.ip = ${loopback}`, `management.tcp.port = ${management}`]
}
