import { expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { configLine } from '#lib/services/setup/commands.ts'
import { offerOpenSips } from '#lib/services/setup/opensips-step.ts'
import type { ChoiceQuestion, Draft, SetupPorts } from '#lib/services/setup/ports.ts'

const draft = (socket: string, place: Draft['place'] = 'other'): Draft => ({
  place,
  socket: parseSocket(socket),
  secure: false,
  newTlsDomain: undefined,
  keyIsEncrypted: false,
  loggedIn: false,
  queue: undefined,
  event: 'E_X',
  expire: null,
})

/** Ports with an OpenSIPS that remembers what it was subscribed to, and a person who takes what is offered. */
function portsOf(subscribed: string[]) {
  const questions: ChoiceQuestion<boolean, unknown>[] = []
  const said: string[] = []
  const ports = {
    questions: {
      choose: async (question: ChoiceQuestion<boolean, unknown>) => {
        questions.push(question)
        return await question.accept(question.default)
      },
      say: (_: string, sentence: string) => said.push(sentence),
    },
    openSips: {
      printed: 'http://127.0.0.1:8888/mi',
      version: async () => ({ text: 'OpenSIPS 4.0.1', major: 4, minor: 0 }),
      // The password does not count.
      hasSubscriber: async (_: string, socket: string) => {
        expect(socket).not.toContain('tls_domain')
        return subscribed.some(
          (one) => one.replace(/:p@|tls_domain=d\?/g, (found) => (found === ':p@' ? '@' : '')) === socket,
        )
      },
      subscribe: async (_: string, socket: string) => void subscribed.push(socket),
    },
  } as unknown as SetupPorts
  return { ports, questions, said }
}

test('the wizard subscribes a running OpenSIPS in the form of its version', async () => {
  const subscribed: string[] = []
  const { ports, said } = portsOf(subscribed)
  await offerOpenSips.ask(draft('rabbitmq:u:p@h/amq.topic?k'), ports)
  expect(subscribed).toEqual(['rabbitmq:u:p@h:5672/exchange=amq.topic?k'])
  expect(said).toEqual([expect.stringContaining('OpenSIPS 4.0.1 sends E_X there now')])
})

test('the wizard never subscribes a tls_domain unasked, and says why', async () => {
  const subscribed: string[] = []
  const { ports, questions } = portsOf(subscribed)
  await offerOpenSips.ask(draft('rabbitmq:u:p@h/tls_domain=d?k'), ports)
  expect(subscribed).toEqual([])
  expect(questions[0]?.message).toMatch(/tls_domain crashes an OpenSIPS/)
})

test('the wizard never looks for a tls_domain, which could crash an OpenSIPS, also where it subscribes one', async () => {
  const subscribed: string[] = []
  const { ports, questions, said } = portsOf(subscribed)
  await offerOpenSips.ask(draft('rabbitmq:u:p@h/tls_domain=d?k'), ports)
  await questions[0]?.accept(true)
  expect(subscribed).toEqual(['rabbitmq:u:p@h:5671/tls_domain=d?k'])
  expect(said).toEqual([])
})

test('the wizard offers it only where an OpenSIPS is given, and not for a sandbox', () => {
  const { ports } = portsOf([])
  expect(offerOpenSips.applies(draft('rabbitmq:h/k'), ports)).toBe(true)
  expect(offerOpenSips.applies(draft('rabbitmq:h/k', 'sandbox'), ports)).toBe(false)
  expect(offerOpenSips.applies(draft('rabbitmq:h/k'), { ...ports, openSips: undefined })).toBe(false)
})

test('the line for opensips.cfg is written as OpenSIPS 3.2 and later read it, without the password', () => {
  const socket = 'rabbitmq:u:s3cret@h/amq.topic?a$b'
  const line = 'subscribe_event("E_X", "rabbitmq:u@h:5672/exchange=amq.topic?a$$b");'
  expect(configLine(draft(socket))).toBe(line)
  expect(configLine(draft(socket, 'sandbox'))).toBeUndefined()
  expect(configLine(draft('rabbitmq:h/vhost=v?k'))).toBeUndefined()
  expect(configLine({ ...draft('rabbitmq:h/k'), event: 'E_$X' })).toBeUndefined()
})
