import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { subscribe } from '#lib/services/subscriptions/subscribe.ts'
import { setTlsDomain } from '#lib/services/subscriptions/tls-domains.ts'
import { choosePlace, enterHost, enterPassword, enterUser, enterVhost } from './broker-steps.ts'
import { enterCertificate, enterPassphraseFile, enterPrivateKey } from './certificate-steps.ts'
import { offerQueue } from './declare-step.ts'
import { chooseExchange } from './exchange-step.ts'
import { offerOpenSips } from './opensips-step.ts'
import { back, type Draft, type SetupPorts, type Step } from './ports.ts'
import { chooseEvent, enterExpire, enterRoutingKey } from './route-steps.ts'
import { finish } from './test-event.ts'
import { chooseLogin, chooseTlsDomain, enterAuthorities, enterServerName } from './tls-steps.ts'

const steps: readonly Step[] = [
  choosePlace,
  enterHost,
  chooseTlsDomain,
  enterServerName,
  enterAuthorities,
  enterCertificate,
  enterPrivateKey,
  enterPassphraseFile,
  chooseLogin,
  enterUser,
  enterPassword,
  enterVhost,
  chooseExchange,
  enterRoutingKey,
  chooseEvent,
  enterExpire,
  finish,
  offerQueue,
  offerOpenSips,
]

/** Answers that need no question. */
export interface KnownAnswers {
  readonly event: string | undefined
  /** Seconds. */
  readonly expire: number | undefined
}

/**
 * Asks for all that a subscription needs, each answer checked live before the next question, and raises a test event
 * and sees it arrive. Nothing is stored.
 *
 * @throws EviError `interrupted` when the answerer leaves
 */
export async function askForSetup({ event, expire }: KnownAnswers, ports: SetupPorts): Promise<Draft> {
  const needless = [event === undefined ? [] : chooseEvent, expire === undefined ? [] : enterExpire].flat()
  const asking = steps.filter((step) => !needless.includes(step))
  return await walk(asking, { ...blank, event: event ?? '', expire: expire ?? null }, ports)
}

/** Stores what was asked for. @throws EviError `damaged`, `cannot-write`, `busy` */
export async function storeSetup(
  { event, socket, expire, newTlsDomain }: Draft,
  { subscriptions, tlsDomains }: SetupPorts,
): Promise<{ subscription: Subscription; renewed: boolean }> {
  if (newTlsDomain) await setTlsDomain(newTlsDomain, tlsDomains)
  return await subscribe({ event, socket, expire, now: new Date() }, subscriptions)
}

const blank: Draft = {
  place: undefined,
  socket: parseSocket('rabbitmq:127.0.0.1/evi'),
  secure: false,
  newTlsDomain: undefined,
  keyIsEncrypted: false,
  loggedIn: false,
  queue: undefined,
  event: '',
  expire: null,
}

/** Goes through the steps, and back to the last one that asked. */
async function walk(steps: readonly Step[], start: Draft, ports: SetupPorts): Promise<Draft> {
  const asked: number[] = []
  let draft = start
  let at = 0
  for (let step = steps[at]; step; step = steps[at]) {
    const isAsked = step.applies(draft, ports)
    if (isAsked)
      ports.questions.step(asked.length + 1, asked.length + applying(steps.slice(at), draft, ports))
    const next = isAsked ? await step.ask(draft, ports) : undefined
    if (next === back) {
      at = asked.pop() ?? 0
      continue
    }
    if (next !== undefined) {
      asked.push(at)
      draft = next
    }
    at++
  }
  return draft
}

function applying(steps: readonly Step[], draft: Draft, ports: SetupPorts): number {
  return steps.filter((step) => step.applies(draft, ports)).length
}
