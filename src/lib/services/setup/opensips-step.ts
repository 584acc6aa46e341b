import { comparedText } from '#lib/domain/opensips/subscriber.ts'
import { writeSocket } from '#lib/domain/opensips/write-socket.ts'
import { EviError } from '#lib/errors.ts'
import type { OpenSips } from '#lib/opensips/opensips.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { back, type Choice, type Draft, type Step } from './ports.ts'

/** Offers to subscribe the OpenSIPS whose address is given; a sandbox is gone before that would matter. */
export const offerOpenSips: Step = {
  applies: ({ place }, { openSips }) => openSips !== undefined && place !== 'sandbox',
  async ask(draft, ports) {
    const openSips = ports.openSips as OpenSips
    const { tlsDomain } = draft.socket
    const choices: readonly Choice<boolean>[] = [
      { name: 'yes, until it ends', answer: true, about: 'For good it stands in opensips.cfg.' },
      { name: 'no', answer: false },
    ]
    // A tls_domain kills an OpenSIPS whose event_rabbitmq has no use_tls.
    const danger =
      tlsDomain === null ? '' : ' Its tls_domain crashes an OpenSIPS whose event_rabbitmq has no use_tls.'
    const next = await ports.questions.choose<boolean, { readonly said: string | undefined }>({
      message: `Subscribe the OpenSIPS at ${openSips.printed} to ${draft.event}, too?${danger}`,
      choices,
      default: tlsDomain === null,
      accept: async (wanted) => ({ said: wanted ? await subscribeThere(draft, openSips) : undefined }),
    })
    if (next === back) return back
    if (next.said !== undefined) ports.questions.say('good', next.said)
    return draft
  },
}

/** Subscribes it, looks whether it has the subscriber, and says so. @throws EviError why it has not */
async function subscribeThere({ event, socket }: Draft, openSips: OpenSips): Promise<string> {
  const version = await openSips.version()
  const password = typeof socket.password === 'string' ? socket.password : undefined
  const written = writeSocket(socket, { version, password })
  if ('refused' in written) {
    const why = written.refused.join('; ')
    throw new EviError('opensips-refused', `${version.text} cannot take the socket: ${why}.`)
  }
  const compared = comparedText(socket, version) as string
  const hadIt = await openSips.hasSubscriber(event, compared)
  await openSips.subscribe(event, written.text)
  if (!(await openSips.hasSubscriber(event, compared))) {
    throw new EviError('opensips-refused', `${version.text} said OK and has no such subscriber.`)
  }
  return hadIt
    ? `${version.text} sends ${event} there already; it keeps the password that it has until it ends.`
    : `${version.text} sends ${event} there now. To see that it arrives: evi raise ${shellWord(event)} --opensips ${shellWord(openSips.printed)}`
}
