import { accessSync, constants } from 'node:fs'
import { join, resolve } from 'node:path'
import { EviError } from '#lib/errors.ts'

/** Where packages put the server's own script, and not the wrapper that insists on the user rabbitmq. */
const usual = ['/usr/lib/rabbitmq/bin', '/opt/homebrew/sbin', '/usr/local/sbin', '/opt/rabbitmq/sbin']
const ofSystem = /^\/(?:usr\/)?s?bin\/?$/

/**
 * The directories that may hold `rabbitmq-server`, the likeliest first: those of PATH, then the usual ones, and those
 * with the packages' wrappers last.
 *
 * @param path the variable PATH
 * @param home the variable EVI_RABBITMQ_HOME; when set, only there
 */
export function serverDirectories(path = '', home = process.env.EVI_RABBITMQ_HOME): readonly string[] {
  if (home) return homeDirectories(home)
  const given = path.split(':').filter((directory) => directory !== '')
  return [
    ...given.filter((directory) => !ofSystem.test(directory)),
    ...usual,
    ...given.filter((directory) => ofSystem.test(directory)),
  ]
}

/** The directory itself, or where packages and archives of RabbitMQ have their programs when they are unpacked. */
function homeDirectories(home: string): readonly string[] {
  return ['.', 'usr/lib/rabbitmq/bin', 'sbin'].map((place) => resolve(home, place))
}

/** Where `rabbitmq-server` is in one RabbitMQ. Throws `unreachable` when it is not there, or not for this user. */
export function findServerAt(home: string): string {
  const found = homeDirectories(home).find(hasServer)
  if (found !== undefined) return found
  throw new EviError('unreachable', `There is no rabbitmq-server in ${JSON.stringify(home)}.`, {
    hint: 'Name the directory of rabbitmq-server, or that of an unpacked RabbitMQ: evi sandbox --rabbitmq DIR',
  })
}

/** The first of the directories with a RabbitMQ that this user may run. Throws `unreachable` when none has one. */
export function findServer(directories: readonly string[]): string {
  const found = directories.find(hasServer)
  if (found !== undefined) return found
  throw new EviError('unreachable', 'There is no RabbitMQ on this machine.', {
    hint: [
      'Install one, it need not run:',
      'Debian, Ubuntu  sudo apt-get install rabbitmq-server',
      'macOS           brew install rabbitmq',
      'Or name the directory of one elsewhere: evi sandbox --rabbitmq DIR',
      'Or run one in Docker, for the socket rabbitmq:127.0.0.1/evi:',
      // Not --network host, which Docker Desktop leaves inside its virtual machine.
      'docker run --rm -p 127.0.0.1:5672:5672 rabbitmq',
    ].join('\n'),
  })
}

function hasServer(directory: string): boolean {
  try {
    accessSync(join(directory, 'rabbitmq-server'), constants.X_OK)
    return true
  } catch {
    return false
  }
}
