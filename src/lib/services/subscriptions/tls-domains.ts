import { printSocket } from '#lib/domain/socket/socket.ts'
import { socketFromParts } from '#lib/domain/socket/socket-parts.ts'
import type { TlsDomain, TlsDomainStore } from '#lib/domain/socket/tls-domain.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { EviError } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'

/**
 * Checks that the parts of a TLS domain go together, without a look at its files.
 *
 * @throws EviError `usage` for a name that cannot stand in a socket, or a certificate without its key
 */
export function checkTlsDomain(domain: TlsDomain): void {
  if (domain.name === '') throw new EviError('usage', 'A TLS domain needs a name.')
  socketFromParts({ hosts: ['host'], routingKey: 'key', tlsDomain: domain.name, persistent: false })
  const { certificate, privateKey, pkcs12 = null, passphraseFile = null } = domain
  if (pkcs12 !== null && certificate !== null) throw flagConflict('pkcs12', 'certificate')
  if (pkcs12 !== null && privateKey !== null) throw flagConflict('pkcs12', 'private-key')
  if (passphraseFile !== null && privateKey === null && pkcs12 === null) {
    throw new EviError('usage', '--passphrase-file is for an encrypted key, and there is none.', {
      hint: 'Give one: --private-key FILE or --pkcs12 FILE',
    })
  }
  if ((certificate === null) === (privateKey === null)) return
  throw new EviError('usage', 'A client certificate and its key go together.', {
    hint: 'Give both: --certificate FILE --private-key FILE',
  })
}

function flagConflict(one: string, other: string): EviError {
  return new EviError('usage', `--${one} cannot be used with --${other}.`, {
    hint: 'A PKCS #12 file holds both certificate and key.',
  })
}

/** Adds the domain, or replaces the one of its name as a whole. */
export async function setTlsDomain(domain: TlsDomain, store: TlsDomainStore): Promise<{ replaced: boolean }> {
  const replaced = await addTlsDomains([domain], store)
  return { replaced: replaced > 0 }
}

/** Adds domains in one write, or replaces those of their names as a whole, and gives the number of these. */
export async function addTlsDomains(added: readonly TlsDomain[], store: TlsDomainStore): Promise<number> {
  return await store.update((domains) => {
    const names = new Set(added.map(({ name }) => name))
    const others = domains.filter(({ name }) => !names.has(name))
    const next = [...others, ...added].toSorted((one, other) => (one.name < other.name ? -1 : 1))
    return { next, result: domains.length - others.length }
  })
}

/** Removes a TLS domain from the store. @throws EviError `not-found` */
export async function removeTlsDomain(name: string, store: TlsDomainStore): Promise<TlsDomain> {
  return await store.update((domains) => {
    const domain = findTlsDomain(name, domains)
    return { next: domains.filter((one) => one !== domain), result: domain }
  })
}

/** The TLS domain of this name. @throws EviError `not-found` */
export function findTlsDomain(name: string, domains: readonly TlsDomain[]): TlsDomain {
  const domain = domains.find((one) => one.name === name)
  if (domain) return domain
  throw new EviError('not-found', `There is no TLS domain "${name}".`, {
    hint: 'See the TLS domains: evi tls-domain list',
  })
}

/** The subscriptions that cannot connect without the domain. */
export function usersOf(name: string, live: readonly Subscription[]): readonly Subscription[] {
  return live.filter(({ socket }) => socket.tlsDomain === name)
}

/** Subscriptions that a refusal lists. */
const listed = 10

/**
 * Refuses to remove a TLS domain that subscriptions name.
 *
 * @throws EviError `usage` where subscriptions need the domain, with their names
 */
export function refuseUsed(name: string, users: readonly Subscription[]): void {
  if (users.length === 0) return
  const lines = users.slice(0, listed).map(({ event, socket }) => `${event} ${printSocket(socket)}`)
  const rest = users.length > listed ? [`and ${users.length - listed} more`] : []
  throw new EviError('usage', `The TLS domain "${name}" is in use.`, {
    hint: [
      'Its subscriptions:',
      ...lines,
      ...rest,
      `Unsubscribe them first, or remove it nevertheless: evi tls-domain remove ${shellWord(name)} --force`,
    ].join('\n'),
  })
}
