import type { FoundSubscription, Reading, ReadingWarning } from '#lib/domain/opensips/reading.ts'
import type { SettingStore, Settings } from '#lib/domain/settings.ts'
import type { TlsDomain, TlsDomainStore } from '#lib/domain/socket/tls-domain.ts'
import type { Subscription, SubscriptionStore } from '#lib/domain/subscription/subscription.ts'
import { exitCodes, exitPartly } from '#lib/exit-codes.ts'
import { addAll, keyOf } from '#lib/services/subscriptions/subscribe.ts'
import { addTlsDomains } from '#lib/services/subscriptions/tls-domains.ts'
import { absolutePath } from '#lib/text/absolute-path.ts'
import { shellWord } from '#lib/text/shell-word.ts'

export interface ImportRequest {
  readonly reading: Reading
  /** Those that are not certain at startup, too. */
  readonly allRoutes: boolean
  /** The stored subscriptions to the same events go, if the reading does not have them. */
  readonly replace: boolean
  /** Nothing is written. */
  readonly dryRun: boolean
  readonly takeSettings: boolean
  readonly takeTlsDomains: boolean
  readonly now: Date
}

export interface ImportStores {
  readonly subscriptions: SubscriptionStore
  readonly settings: SettingStore
  readonly tlsDomains: TlsDomainStore
}

export interface ImportedSubscription {
  readonly found: FoundSubscription
  /** As it is stored, or would be. */
  readonly subscription: Subscription
  readonly change: 'added' | 'renewed' | 'left-out'
}

export interface ImportReport {
  readonly subscriptions: readonly ImportedSubscription[]
  /** Stored ones that the reading does not have. */
  readonly removed: readonly Subscription[]
  /** Rabbitmq subscriptions that could not be read. */
  readonly unread: number
  readonly settings: Partial<Settings>
  readonly tlsDomains: readonly TlsDomain[]
  readonly warnings: readonly (Omit<ReadingWarning, 'code'> & { readonly code: string })[]
  readonly exit: number
}

/**
 * Adds the subscriptions of an OpenSIPS to the store, in one write, all or none.
 *
 * @throws EviError `damaged`, `cannot-write`, `busy`; nothing is written then to the subscriptions
 */
export async function importSubscriptions(
  request: ImportRequest,
  stores: ImportStores,
): Promise<ImportReport> {
  const { reading, allRoutes, dryRun, now } = request
  const tlsDomains = reading.tlsDomains.map(withAbsolutePaths)
  const taken = reading.subscriptions.filter(({ when }) => allRoutes || when === 'startup')
  if (!dryRun) await takeOthers(request, tlsDomains, stores)
  const change = (live: readonly Subscription[]) => merge(taken, live, request)
  const outcome =
    dryRun || taken.length === 0
      ? change(dryRun ? stores.subscriptions.live(now) : [])
      : await stores.subscriptions.update(now, (live) => {
          const result = change(live)
          return { next: result.next, result }
        })
  return {
    subscriptions: outcome.subscriptions,
    removed: outcome.removed,
    unread: reading.unread,
    settings: reading.settings,
    tlsDomains,
    warnings: [...reading.warnings, ...missingDomains(taken, request, stores.tlsDomains)].toSorted(
      (one, other) => one.at - other.at,
    ),
    exit: exitOf(request, taken.length),
  }
}

/** Takes over what is asked for beside the subscriptions, before them, as they may need it. */
async function takeOthers(
  { reading, takeSettings, takeTlsDomains, now }: ImportRequest,
  tlsDomains: readonly TlsDomain[],
  stores: ImportStores,
): Promise<void> {
  const hasSettings = takeSettings && Object.keys(reading.settings).length > 0
  const hasDomains = takeTlsDomains && tlsDomains.length > 0
  if (!hasSettings && !hasDomains) return
  // A file that is damaged stops all.
  stores.subscriptions.live(now)
  if (hasSettings) stores.settings.read()
  if (hasDomains) await addTlsDomains(tlsDomains, stores.tlsDomains)
  if (hasSettings) await stores.settings.setAll(reading.settings)
}

interface Merged {
  readonly next: readonly Subscription[]
  readonly subscriptions: readonly ImportedSubscription[]
  readonly removed: readonly Subscription[]
}

function merge(
  taken: readonly FoundSubscription[],
  live: readonly Subscription[],
  { reading, replace, now }: ImportRequest,
): Merged {
  const { next, result } = addAll(taken, live, now)
  const byFound = new Map(taken.map((found, index) => [found, result[index]]))
  const events = new Set(replace ? taken.map(({ event }) => event) : [])
  const found = new Set(replace ? reading.subscriptions.map(keyOf) : [])
  const isReplaced = (one: Subscription) => events.has(one.event) && !found.has(keyOf(one))
  return {
    next: next.filter((one) => !isReplaced(one)),
    removed: live.filter(isReplaced),
    subscriptions: reading.subscriptions.map((found): ImportedSubscription => {
      const stored = byFound.get(found)
      const { event, socket, expire } = found
      if (!stored)
        return { found, subscription: { event, socket, expire, subscribedAt: now }, change: 'left-out' }
      return { found, subscription: stored.subscription, change: stored.renewed ? 'renewed' : 'added' }
    }),
  }
}

/** TLS domains without which evi cannot raise to a subscription. */
function missingDomains(
  taken: readonly FoundSubscription[],
  { reading, takeTlsDomains }: ImportRequest,
  store: TlsDomainStore,
): ImportReport['warnings'] {
  const users = taken.filter(({ socket }) => socket.tlsDomain !== null)
  if (users.length === 0) return []
  const known = new Set(
    [...store.all(), ...(takeTlsDomains ? reading.tlsDomains : [])].map(({ name }) => name),
  )
  return users.flatMap(({ socket: { tlsDomain }, file, line, at }) => {
    if (tlsDomain === null || known.has(tlsDomain)) return []
    const isInFile = reading.tlsDomains.some(({ name }) => name === tlsDomain)
    const way = isInFile
      ? 'To take over those of the file: --tls-domains'
      : `Make it: evi tls-domain set ${shellWord(tlsDomain)} --ca FILE`
    const message = `evi has no TLS domain "${tlsDomain}", and cannot raise there without. ${way}`
    return { code: 'tls-domain-missing', file, line, at, message }
  })
}

/** OpenSIPS looks for its files from its working directory, where evi is run for this. */
function withAbsolutePaths({ ca, certificate, privateKey, ...domain }: TlsDomain): TlsDomain {
  const absolute = (path: string | null) => (path === null ? null : absolutePath(path))
  return { ...domain, ca: absolute(ca), certificate: absolute(certificate), privateKey: absolute(privateKey) }
}

function exitOf(request: ImportRequest, taken: number): number {
  const { reading, takeSettings, takeTlsDomains } = request
  if (taken < reading.subscriptions.length + reading.unread) return exitPartly
  const hasSettings = takeSettings && Object.keys(reading.settings).length > 0
  const hasDomains = takeTlsDomains && reading.tlsDomains.length > 0
  return taken > 0 || hasSettings || hasDomains ? 0 : exitCodes['not-found']
}
