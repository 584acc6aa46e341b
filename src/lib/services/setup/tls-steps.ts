import { defaultPassword, defaultUser, type Socket } from '#lib/domain/socket/socket.ts'
import { hasClientCertificate, type TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { EviError } from '#lib/errors.ts'
import { logIn, newOnes, reach } from './login.ts'
import type { Choice, Draft, SetupPorts, Step } from './ports.ts'
import { askForFiles, blankDomain, checkFiles, typedPath } from './tls-files.ts'

/** The answer for an option that is left out. */
const system = 'system'

type Answer = { readonly stored: string } | { readonly verifyCert: boolean }

/** How to speak TLS, where the port does. */
export const chooseTlsDomain: Step = {
  applies: ({ secure }) => secure,
  async ask(draft, ports) {
    const domains = ports.tlsDomains.all()
    const choices: readonly Choice<Answer>[] = [
      ...domains.map(({ name }) => ({ name: `the TLS domain ${name}`, answer: { stored: name } })),
      { name: 'a new TLS domain', answer: { verifyCert: true } },
      { name: 'a new TLS domain that verifies nothing, for a test', answer: { verifyCert: false } },
    ]
    return await ports.questions.choose<Answer, Draft>({
      message: 'It speaks TLS. How do you want to trust it?',
      choices,
      default: choices[0]?.answer as Answer,
      accept: async (answer) => {
        const name = 'stored' in answer ? answer.stored : freeName(draft.socket.hosts[0].host, domains)
        const next = { ...draft, socket: { ...draft.socket, tlsDomain: name }, loggedIn: false }
        if (!('stored' in answer))
          return { ...next, newTlsDomain: { ...(draft.newTlsDomain ?? blankDomain), ...answer, name } }
        await reach({ ...next, newTlsDomain: undefined }, ports)
        return { ...next, newTlsDomain: undefined }
      },
    })
  },
}

/** The name that the broker's certificate is made out to. */
export const enterServerName: Step = {
  applies: ({ newTlsDomain }) => newTlsDomain?.verifyCert === true,
  async ask(draft, { questions }) {
    const domain = draft.newTlsDomain ?? blankDomain
    const { host } = draft.socket.hosts[0]
    return await questions.enter({
      message: 'Name in its certificate',
      default: domain.serverName ?? host,
      accept: async (name) => ({
        ...draft,
        newTlsDomain: { ...domain, serverName: name === host ? null : name },
      }),
    })
  },
}

/** The authorities that the broker's certificate must come from, tried at once. */
export const enterAuthorities: Step = {
  applies: ({ newTlsDomain }) => newTlsDomain?.verifyCert === true,
  async ask(draft, ports) {
    const domain = draft.newTlsDomain ?? blankDomain
    return await askForFiles(ports, {
      message: `CA file, or ${system} for what this machine trusts`,
      default: domain.ca ?? system,
      accept: async (answer) => {
        const next = { ...domain, ca: answer === system ? null : typedPath(answer) }
        const tried = await checkFiles({ ...draft, newTlsDomain: next }, ports)
        if (!(await isReachedByTls(tried.draft, ports))) await reach(tried.draft, ports)
        return tried
      },
    })
  },
}

/** Whether the client certificate is the login, where there is one. */
export const chooseLogin: Step = {
  applies: (draft, ports) => {
    const { tlsDomain } = draft.socket
    const domains = [...newOnes(draft), ...ports.tlsDomains.all()]
    return domains.some((domain) => domain.name === tlsDomain && hasClientCertificate(domain))
  },
  async ask(draft, ports) {
    return await ports.questions.choose({
      message: 'Log in with',
      choices: [
        { name: 'the client certificate', answer: true },
        { name: 'user and password', answer: false },
      ],
      default: true,
      accept: async (anonymous) => {
        if (!anonymous) return { ...draft, socket: { ...draft.socket, anonymous }, loggedIn: false }
        const socket: Socket = { ...draft.socket, anonymous, user: defaultUser, password: defaultPassword }
        await logIn({ ...draft, socket }, ports)
        return { ...draft, socket, loggedIn: true }
      },
    })
  },
}

/** A port speaks AMQP in clear or over TLS, so it is tried and not asked. @throws EviError `unreachable` */
export async function speaksTls(draft: Draft, ports: SetupPorts): Promise<boolean> {
  let dialled = false
  try {
    await reach(draft, ports, (stage) => {
      dialled ||= stage.step === 'tcp' && stage.failure === undefined
    })
    return false
  } catch (error) {
    const trial = { ...blankDomain, name: 'trial', verifyCert: false }
    const socket = { ...draft.socket, tlsDomain: trial.name }
    if (dialled && (await isReachedByTls({ ...draft, socket, newTlsDomain: trial }, ports))) return true
    throw error
  }
}

/** Whether TLS is opened, if only to learn that the broker wants a client certificate. */
async function isReachedByTls(draft: Draft, ports: SetupPorts): Promise<boolean> {
  let opened = false
  try {
    await reach(draft, ports, (stage) => {
      opened ||= stage.tls !== undefined
    })
  } catch (error) {
    if (!(error instanceof EviError)) throw error
  }
  return opened
}

function freeName(wanted: string, domains: readonly TlsDomain[]): string {
  const taken = new Set(domains.map(({ name }) => name))
  let name = wanted
  for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`
  return name
}
