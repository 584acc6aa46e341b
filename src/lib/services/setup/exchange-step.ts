import type { BrokerConnection, LookupResult } from '#lib/broker/broker.ts'
import { noExchange } from '#lib/domain/failure/remedies.ts'
import { guessedManagementUrl } from '#lib/domain/management-setting.ts'
import { predeclaredTypes } from '#lib/domain/routing/copying.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { withConnection } from './login.ts'
import { type Back, back, type Choice, type Draft, type SetupPorts, type Step } from './ports.ts'
import { checkSocket } from './route-steps.ts'

/** The choice to type a name. */
const another = Symbol('another')
/** The choice to ask the management API that may be there. */
const lookUp = Symbol('look up')
type ExchangeChoice = string | typeof another | typeof lookUp

/** The exchange that every vhost has for each type. */
const predeclared: readonly NamedExchange[] = [...predeclaredTypes]
  .filter(([name, type]) => name === `amq.${type}`)
  .map(([name, type]) => ({ name, type }))

interface NamedExchange {
  readonly name: string
  readonly type: string
}

/** The exchange: typed, or picked from a list where a management API gives one; another name can always be typed. */
export const chooseExchange: Step = {
  applies: () => true,
  async ask(draft, ports) {
    const { managementUrl } = ports
    const guess = managementUrl === 'auto' ? guessedUrl(draft.socket) : undefined
    let listed = managementUrl instanceof URL ? await listExchanges(managementUrl, draft, ports) : undefined
    let mayLookUp = guess !== undefined
    while (true) {
      if (listed === undefined && !mayLookUp) return await enterExchange(draft, ports)
      const choice = await ports.questions.choose({
        message: 'Exchange',
        default: draft.socket.exchange as ExchangeChoice,
        choices: choicesOf(listed ?? predeclared, mayLookUp ? guess : undefined),
        accept: async (answer) =>
          typeof answer === 'string' ? await acceptExchange(answer, draft, ports) : answer,
      })
      if (choice === another) {
        const entered = await enterExchange(draft, ports)
        if (entered !== back) return entered
      } else if (choice === lookUp) {
        mayLookUp = false
        if (guess) listed = (await listExchanges(guess, draft, ports)) ?? predeclared
      } else return choice === back ? back : withNote(choice, ports)
    }
  },
}

const defaultExchange = 'the default one'

/** The draft with the exchange, and what is to be said once the answer stands. */
interface Accepted {
  readonly draft: Draft
  readonly note: string | undefined
}

function withNote({ draft, note }: Accepted, { questions }: SetupPorts): Draft {
  if (note !== undefined) questions.say('note', note)
  return draft
}

async function enterExchange(draft: Draft, ports: SetupPorts): Promise<Draft | Back> {
  const entered = await ports.questions.enter({
    message: draft.socket.exchange === '' ? 'Exchange' : `Exchange, or "${defaultExchange}"`,
    default: draft.socket.exchange,
    hint: defaultExchange,
    accept: async (name) => await acceptExchange(name, draft, ports),
  })
  return entered === back ? back : withNote(entered, ports)
}

/** @throws EviError `usage` for what no socket can hold, `no-exchange` */
async function acceptExchange(exchange: string, draft: Draft, ports: SetupPorts): Promise<Accepted> {
  const next = { ...draft, socket: { ...draft.socket, exchange } }
  checkSocket(next.socket)
  if (exchange === '') return { draft: next, note: undefined }
  const find = async (connection: BrokerConnection): Promise<LookupResult> =>
    await connection.findExchange(exchange)
  const result = await withConnection(next, ports, find)
  if (result.found === false) {
    const { reason, hint } = noExchange(next.socket, result.quote)
    throw new EviError('no-exchange', reason, { hint })
  }
  const note =
    result.found === 'forbidden'
      ? `This user has no permission to see whether it exists: ${result.reason}.`
      : undefined
  return { draft: next, note }
}

function choicesOf(
  exchanges: readonly NamedExchange[],
  guess: URL | undefined,
): readonly Choice<ExchangeChoice>[] {
  return [
    { name: defaultExchange, answer: '', about: 'delivers to the queue that the routing key names' },
    ...exchanges.map(({ name, type }) => ({ name, answer: name, about: type })),
    { name: 'another: type its name', answer: another },
    ...(guess
      ? [{ name: 'list them all', answer: lookUp, about: `sends this login to ${guess.origin}` } as const]
      : []),
  ]
}

/** It gets no login before the user says so, as it may be another program's. */
function guessedUrl(socket: Socket): URL | undefined {
  return guessedManagementUrl(socket, socket.hosts[0])
}

/** The exchanges, if the management API at the URL speaks for the broker's cluster; otherwise it is said why not. */
async function listExchanges(
  url: URL,
  draft: Draft,
  ports: SetupPorts,
): Promise<readonly NamedExchange[] | undefined> {
  const { management, questions, timing } = ports
  try {
    const api = await management(url, draft.socket, timing.replyTimeout)
    const own = await withConnection(draft, ports, async ({ cluster }) => cluster)
    const cluster = await api.cluster()
    if (own !== undefined && own === cluster) return await api.exchanges(draft.socket.vhost)
    questions.say(
      'note',
      `The management API at ${url.host} speaks for the cluster "${cluster ?? ''}", not for this broker's, "${own ?? 'unknown'}"; it is not used.`,
    )
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    questions.say('note', error.message)
  }
  return undefined
}
