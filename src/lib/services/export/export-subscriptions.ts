import { configBlock, miCommands, type WrittenSubscription } from '#lib/domain/opensips/config-block.ts'
import { canRegister } from '#lib/domain/opensips/registered-event.ts'
import { isBefore, type Version } from '#lib/domain/opensips/version.ts'
import { isDefaultPassword, writeSocket } from '#lib/domain/opensips/write-socket.ts'
import type { Settings } from '#lib/domain/settings.ts'
import { type PasswordSources, passwordOf } from '#lib/domain/socket/resolve-password.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { EviError } from '#lib/errors.ts'
import { exitPartly } from '#lib/exit-codes.ts'
import { isUnprintable } from '#lib/text/characters.ts'

export interface ExportRequest {
  readonly subscriptions: readonly Subscription[]
  readonly version: Version
  /** Commands for the Management Interface instead of a block for opensips.cfg. */
  readonly mi: boolean
  readonly withPasswords: boolean
  readonly settings: Partial<Settings>
  /** Those that evi has. */
  readonly tlsDomains: readonly TlsDomain[]
  /** Holds the passwords that are kept by the name of a variable. */
  readonly passwords: PasswordSources
}

interface ExportedSubscription {
  readonly subscription: Subscription
  /** What OpenSIPS does otherwise than evi. */
  readonly notes: readonly string[]
}

interface RefusedSubscription {
  readonly subscription: Subscription
  /** Why OpenSIPS cannot take it. */
  readonly reasons: readonly string[]
}

export interface ExportReport {
  /** What is to be pasted; null where OpenSIPS can take nothing. */
  readonly text: string | null
  readonly exported: readonly ExportedSubscription[]
  readonly refused: readonly RefusedSubscription[]
  readonly exit: number
}

/** Writes subscriptions for OpenSIPS, with the settings and TLS domains that they need. */
export function exportSubscriptions(request: ExportRequest): ExportReport {
  const written: WrittenSubscription[] = []
  const exported: ExportedSubscription[] = []
  const refused: RefusedSubscription[] = []
  for (const subscription of request.subscriptions) {
    const one = write(subscription, request)
    if ('reasons' in one) refused.push({ subscription, reasons: one.reasons })
    else {
      written.push(one)
      exported.push({ subscription, notes: one.notes })
    }
  }
  const used = new Set(exported.map(({ subscription }) => subscription.socket.tlsDomain))
  const { version, settings } = request
  const tlsDomains = request.tlsDomains.filter(({ name }) => used.has(name))
  const content = { subscriptions: written, settings, tlsDomains, version }
  const text = request.mi ? miCommands(written, version) : configBlock(content)
  return {
    text: written.length > 0 ? text : null,
    exported,
    refused,
    exit: refused.length > 0 ? exitPartly : 0,
  }
}

function write(
  { event, socket, expire }: Subscription,
  request: ExportRequest,
): WrittenSubscription | { readonly reasons: readonly string[] } {
  const { version, mi } = request
  const password = passwordFor(socket, request)
  if (typeof password === 'object') return password
  const result = writeSocket(socket, { version, password })
  const reasons = [
    ...(canRegister(event)
      ? []
      : [
          'there is a "$" in the name of its event, which begins a variable in OpenSIPS: it registers no such event',
        ]),
    ...('refused' in result ? result.refused : []),
    ...tlsRefusals(socket.tlsDomain, request),
    ...(mi && 'text' in result && [...result.text].some(isUnprintable)
      ? ['there are characters in it that cannot be seen; without --mi they are written by their bytes']
      : []),
  ]
  if (!('text' in result) || reasons.length > 0) return { reasons }
  return {
    event,
    socketText: result.text,
    notes: [
      ...(password === undefined && !isDefaultPassword(socket)
        ? [
            'The password is left out, and OpenSIPS takes "guest". With it: evi export --with-passwords --output FILE',
          ]
        : []),
      ...(socket.persistent ? ['OpenSIPS 3.6 and 4.0 lose every event of a persistent socket.'] : []),
      ...(expire === null
        ? []
        : ['OpenSIPS applies no expiry to rabbitmq sockets: this subscription does not end.']),
    ],
  }
}

/** The password to write, undefined for none; or why it cannot be had. */
function passwordFor(
  socket: Socket,
  { withPasswords, passwords }: ExportRequest,
): string | undefined | { readonly reasons: readonly string[] } {
  if (!withPasswords || socket.password === undefined) return undefined
  try {
    return passwordOf(socket, passwords)
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    return { reasons: [error.message.replace(/\.$/, '')] }
  }
}

function tlsRefusals(name: string | null, { tlsDomains, mi, version }: ExportRequest): readonly string[] {
  if (name === null || isBefore(version, '3.2')) return []
  if (mi) return ['a tls_domain by MI can crash OpenSIPS; put it into opensips.cfg: evi export']
  const domain = tlsDomains.find((one) => one.name === name)
  if (!domain) return [`evi has no TLS domain ${JSON.stringify(name)}, whose files OpenSIPS needs`]
  if (domain.certificate === null || domain.privateKey === null)
    return [
      domain.pkcs12
        ? `the client certificate of the TLS domain ${JSON.stringify(name)} is a PKCS #12 file, which OpenSIPS does not read`
        : `the TLS domain ${JSON.stringify(name)} has no client certificate, without which OpenSIPS does not connect`,
    ]
  return name.includes(']') ? ['there is a "]" in the name of its TLS domain'] : []
}
