import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { defaultPassword, defaultUser, printAddress, type Socket } from '#lib/domain/socket/socket.ts'
import { socketFromParts } from '#lib/domain/socket/socket-parts.ts'
import { EviError } from '#lib/errors.ts'
import { logIn, withConnection } from './login.ts'
import { back, type Choice, type Draft, type Place, type SetupPorts, type Step } from './ports.ts'
import { speaksTls } from './tls-steps.ts'

/** Which broker: the one that answers here, another one, or a sandbox. */
export const choosePlace: Step = {
  applies: () => true,
  async ask(draft, ports) {
    const { questions, sandbox } = ports
    const local = parseSocket(`rabbitmq:127.0.0.1/evi`)
    const answers = await isAnswered(local, ports)
    const places: readonly (Choice<Place> & { offered: boolean })[] = [
      {
        name: `RabbitMQ on ${printAddress(local.hosts[0])}, which answers`,
        answer: 'local',
        offered: answers,
      },
      { name: 'RabbitMQ elsewhere', answer: 'other', offered: true },
      { name: 'a sandbox: a private RabbitMQ, thrown away at the end', answer: 'sandbox', offered: true },
    ]
    const first = answers ? 'local' : sandbox.possible() ? 'sandbox' : 'other'
    return await questions.choose({
      message: 'Which broker?',
      choices: places.filter(({ offered }) => offered),
      default: draft.place ?? first,
      accept: async (place) => {
        if (place !== 'sandbox') await sandbox.stop()
        if (place === 'other') return { ...draft, place, loggedIn: false }
        if (place === 'sandbox') questions.say('note', 'Starting RabbitMQ, which takes some seconds.')
        const socket = place === 'local' ? local : await sandbox.start()
        return {
          ...draft,
          place,
          socket,
          secure: false,
          newTlsDomain: undefined,
          loggedIn: place === 'sandbox',
        }
      },
    })
  },
}

/** Host and port, reached up to the broker's greeting, in clear or over TLS. */
export const enterHost: Step = {
  applies: ({ place }) => place === 'other',
  async ask(draft, ports) {
    return await ports.questions.enter({
      message: 'Host (:port unless 5672)',
      default: draft.socket.hosts.map(printAddress).join(','),
      accept: async (text) => {
        if (/[/@]/.test(text)) {
          throw new EviError('usage', 'A host has no "/" or "@" in it.', {
            hint: 'Login, vhost and queue are asked for next.',
          })
        }
        const { hosts } = readHosts(text)
        const socket: Socket = { ...draft.socket, hosts, tlsDomain: null }
        const next = { ...draft, socket, newTlsDomain: undefined, loggedIn: false }
        return { ...next, secure: await speaksTls(next, ports) }
      },
    })
  },
}

/** @throws EviError `usage`, of the hosts alone, as no socket was typed */
function readHosts(text: string): Socket {
  try {
    return socketFromParts({ hosts: text.split(','), routingKey: 'evi', persistent: false })
  } catch (cause) {
    if (!(cause instanceof EviError)) throw cause
    throw new EviError('usage', `${JSON.stringify(text)} is no host, or its port is none from 1 to 65535.`, {
      hint: 'Write it as rmq.example.com, 192.0.2.1:5673 or [2001:db8::1]:5673; several hosts of a cluster with commas.',
      cause,
    })
  }
}

/** The user; the default one is not asked for a password where the default one is good. */
export const enterUser: Step = {
  applies: ({ place, socket, loggedIn }) => place !== 'sandbox' && !(socket.anonymous && loggedIn),
  async ask(draft, ports) {
    const next = await ports.questions.enter({
      message: 'User',
      default: draft.socket.user,
      accept: async (user) => {
        if (user === '') throw new EviError('usage', 'A user is needed.')
        const socket: Socket = { ...draft.socket, user, anonymous: false, password: defaultPassword }
        const loggedIn = user === defaultUser && (await isLoggedIn({ ...draft, socket }, ports))
        return { ...draft, socket, loggedIn }
      },
    })
    if (next !== back && next.loggedIn)
      ports.questions.say('good', `Logged in with the password ${defaultPassword}.`)
    return next
  },
}

/** The password, tried at once. */
export const enterPassword: Step = {
  applies: ({ loggedIn }) => !loggedIn,
  async ask(draft, ports) {
    return await ports.questions.enter({
      message: `Password of ${draft.socket.user}`,
      default: '',
      secret: true,
      accept: async (password) => {
        const next = { ...draft, socket: { ...draft.socket, password } }
        await logIn(next, ports)
        return next
      },
    })
  },
}

/** The vhost, entered at once. */
export const enterVhost: Step = {
  applies: ({ place }) => place !== 'sandbox',
  async ask(draft, ports) {
    return await ports.questions.enter({
      message: 'Vhost',
      default: draft.socket.vhost,
      accept: async (vhost) => {
        const next = { ...draft, socket: { ...draft.socket, vhost } }
        return await withConnection(next, ports, async () => next)
      },
    })
  },
}

async function isLoggedIn(draft: Draft, ports: SetupPorts): Promise<boolean> {
  try {
    await logIn(draft, ports)
    return true
  } catch (error) {
    if (error instanceof EviError && error.code === 'refused') return false
    throw error
  }
}

async function isAnswered(socket: Socket, { broker, timing }: SetupPorts): Promise<boolean> {
  try {
    await (await broker([])).reach(socket, timing)
    return true
  } catch (error) {
    if (error instanceof EviError) return false
    throw error
  }
}
