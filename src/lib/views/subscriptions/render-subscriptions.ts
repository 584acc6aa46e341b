import { defaultPassword, defaultUser, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { type Subscription, timeToLive } from '#lib/domain/subscription/subscription.ts'
import type { Subscribed } from '#lib/services/subscriptions/subscribe.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { renderTable } from '#lib/text/layout/table.ts'

/** The table of `evi list`. */
export function renderSubscriptions(subscriptions: readonly Subscription[], now: Date, style: Style): string {
  const rows = subscriptions.map((subscription) => [
    visibleLine(subscription.event),
    printSocket(subscription.socket),
    style.faint(describeTtl(timeToLive(subscription, now))),
  ])
  return renderTable([['EVENT', 'SOCKET', 'TIME TO LIVE'].map(style.strong), ...rows])
}

/** The subscriptions that were removed, a line each. */
export function renderUnsubscribed(removed: readonly Subscription[], style: Style): string {
  const lines = removed.map(
    ({ event, socket }) =>
      `${style.marks.ok} Unsubscribed ${printSocket(socket)} from ${style.strong(visibleLine(event))}.\n`,
  )
  return lines.join('')
}

/** What is said where there is nothing to show. */
export function renderNoSubscribers(event: string | undefined): string {
  const what = event === undefined ? 'There are no subscriptions' : `${visibleLine(event)} has no subscribers`
  const example = `evi subscribe ${visibleLine(event ?? 'EVENT')} rabbitmq:user:password@host:5672/routing_key`
  return `${what}. Add one: ${example}\n`
}

/** Characters of JSON that are written at once. */
const pieceSize = 64 * 1024

/** `{"subscriptions":[…]}` in pieces, of which none holds more than a few hundred subscriptions. */
export function* subscriptionsJson(subscriptions: Iterable<Subscription>, now: Date): Iterable<string> {
  let piece = '{"subscriptions":['
  let separator = ''
  for (const one of subscriptions) {
    piece += separator + JSON.stringify(subscriptionDocument(one, now))
    separator = ','
    if (piece.length < pieceSize) continue
    yield piece
    piece = ''
  }
  yield `${piece}]}\n`
}

/** A subscription as JSON; never its password. */
export function subscriptionDocument(subscription: Subscription, now: Date): object {
  const { event, socket, expire, subscribedAt } = subscription
  const { user, hosts, vhost, exchange, routingKey, persistent, tlsDomain } = socket
  return {
    event,
    socket: printSocket(socket),
    user,
    hosts,
    vhost,
    exchange,
    routingKey,
    persistent,
    tlsDomain,
    expire,
    ttl: timeToLive(subscription, now),
    subscribedAt: subscribedAt.toISOString(),
  }
}

/** How `evi subscribe` shows what it stored. */
export function subscribedView(now: Date) {
  return {
    json: ({ subscription, renewed }: Stored) => ({
      subscription: subscriptionDocument(subscription, now),
      renewed,
    }),
    text: ({ subscription, renewed }: Stored, style: Style) => renderSubscribed(subscription, renewed, style),
  }
}

type Stored = Pick<Subscribed, 'subscription' | 'renewed'>

/** What `evi subscribe` says. */
export function renderSubscribed(subscription: Subscription, renewed: boolean, style: Style): string {
  const { event, socket, expire } = subscription
  const verb = renewed ? 'Renewed' : 'Subscribed'
  const life = expire === null ? '' : `, for ${describeTtl(expire)}`
  const login = describePassword(socket)
  return `${style.marks.ok} ${verb} ${printSocket(socket)} to ${style.strong(visibleLine(event))}${life}${login}.\n`
}

function describePassword({ user, password }: Socket): string {
  if (typeof password === 'object' && 'env' in password)
    return `, with the password that is in ${password.env} when it is needed`
  return password === undefined && user !== defaultUser
    ? ` with the default password, ${defaultPassword}`
    : ''
}

/** A time to live in its two largest units: `1 d 2 h`. @param seconds null for ever */
export function describeTtl(seconds: number | null): string {
  if (seconds === null) return 'for ever'
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const
  const shown = parts.filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount} ${unit}`)
  return shown.slice(0, 2).join(' ')
}
