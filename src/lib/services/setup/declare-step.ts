import { EviError } from '#lib/errors.ts'
import { declare } from '#lib/services/declare/declare.ts'
import { newOnes } from './login.ts'
import { back, type Draft, type SetupPorts, type Step } from './ports.ts'

/** Whether the queue is missing, and stays so unless it is declared; a sandbox is gone before it would matter. */
export function isQueueMissing({ place, queue }: Draft): boolean {
  return queue?.found === false && place !== 'sandbox'
}

/** Offers to declare the queue that is missing. */
export const offerQueue: Step = {
  applies: isQueueMissing,
  async ask(draft, ports) {
    const { questions } = ports
    const name = draft.socket.routingKey
    const next = await questions.choose<boolean, { readonly made: boolean }>({
      message: `There is no queue "${name}" yet: its events are lost. Declare it?`,
      choices: [
        { name: 'yes, a durable queue', answer: true },
        { name: 'no, its consumer declares it', answer: false },
      ],
      default: true,
      accept: async (made) => {
        if (made) await declareQueue(draft, ports)
        return { made }
      },
    })
    if (next === back) return back
    if (next.made) questions.say('good', `The queue "${name}" is there now.`)
    return draft
  },
}

/** @throws EviError why it could not be declared */
async function declareQueue(draft: Draft, { broker, timing }: SetupPorts): Promise<void> {
  const request = { sockets: [draft.socket], options: {}, timing, confirm: async () => {} }
  const { results } = await declare(request, await broker(newOnes(draft)))
  const failure = results.find((one) => one.failure !== undefined)?.failure
  if (failure) throw new EviError(failure.code, failure.message, { hint: failure.hint, cause: failure })
}
