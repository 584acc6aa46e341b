import { declareCommand } from '#lib/domain/failure/remedies.ts'
import { canRegister } from '#lib/domain/opensips/registered-event.ts'
import { quoteForRoute, writeSocket } from '#lib/domain/opensips/write-socket.ts'
import { defaultPassword, printSocket } from '#lib/domain/socket/socket.ts'
import { setCommand } from '#lib/domain/socket/tls-domain.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { isQueueMissing } from './declare-step.ts'
import type { Draft } from './ports.ts'
import { testParameter } from './test-event.ts'

export interface SetupCommand {
  /** Ready to paste; without the password. */
  readonly line: string
  /** What it does and needs, in one sentence. */
  readonly about: string
}

/** The commands that do without questions what the wizard did. */
export function setupCommands(draft: Draft): readonly SetupCommand[] {
  const { event, socket, expire, newTlsDomain, queue, place } = draft
  const name = shellWord(event)
  const secret = !socket.anonymous && socket.password !== undefined && socket.password !== defaultPassword
  const subscribe = [
    `evi subscribe ${name} ${shellWord(printSocket(socket))}`,
    ...(expire === null ? [] : [`--expire ${expire}`]),
    ...(secret ? ['--password-env EVI_PASSWORD'] : []),
  ].join(' ')
  const missing = isQueueMissing(draft)
  const watched = socket.exchange !== '' || (queue?.found === false && !missing)
  const raise = `evi raise ${name} --param ${testParameter}`
  const here = place === 'sandbox' ? '; for this sandbox it is this one' : ''
  return [
    ...(place === 'sandbox'
      ? [{ line: 'evi sandbox', about: 'Starts a sandbox and prints its socket.' }]
      : []),
    ...(newTlsDomain ? [{ line: setCommand(newTlsDomain), about: 'Sets how to trust the broker.' }] : []),
    { line: subscribe, about: `Subscribes${secret ? '; EVI_PASSWORD holds the password' : ''}.` },
    ...(missing
      ? [
          {
            line: `${declareCommand(socket)} --yes`,
            about: 'Makes the queue, unless its consumer does.',
          },
        ]
      : []),
    ...(watched ? [{ line: `evi tail ${name}`, about: `Watches, in a terminal of its own${here}.` }] : []),
    { line: watched ? raise : `${raise} --sync`, about: 'Raises a test event.' },
  ]
}

/** The line for the startup_route of opensips.cfg, without the password; undefined where OpenSIPS cannot take it. */
export function configLine({ event, socket, place }: Draft): string | undefined {
  if (place === 'sandbox' || !canRegister(event)) return undefined
  const written = writeSocket(socket, { version: { major: 3, minor: 2 }, password: undefined })
  if ('refused' in written) return undefined
  return `subscribe_event(${quoteForRoute(event)}, ${quoteForRoute(written.text)});`
}
