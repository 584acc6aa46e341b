import { type Password, printAddress, type Socket } from '#lib/domain/socket/socket.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import type { Wiring } from './check.ts'

/** A name for each login of each broker; logins that differ by nothing but their passwords are numbered. */
export function loginLabels(plan: readonly Wiring[]): ReadonlyMap<Wiring, string> {
  const labels = new Map<Wiring, string>()
  for (const [label, alike] of Map.groupBy(plan, ({ sockets: [socket] }) => nameOf(socket)))
    for (const [index, wiring] of alike.entries())
      labels.set(wiring, alike.length === 1 ? label : `${label}, password ${index + 1} of ${alike.length}`)
  return labels
}

function nameOf({ anonymous, user, password, hosts, vhost, tlsDomain }: Socket): string {
  const login = anonymous ? '' : `${user}@`
  const tls = tlsDomain === null ? '' : `, TLS domain ${tlsDomain}`
  const source = typeof password === 'object' ? `, password in ${sourceOf(password)}` : ''
  return `rabbitmq:${login}${hosts.map(printAddress).join(',')}, vhost ${vhost}${tls}${source}`
}

function sourceOf(password: Exclude<Password, string>): string {
  return 'env' in password ? password.env : visibleLine(password.file)
}
