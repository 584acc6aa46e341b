import { printAddress, type Socket } from '#lib/domain/socket/socket.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { count } from '#lib/text/numbers/thousands.ts'

/** That the brokers of these sockets have not answered yet. @param replyTimeout milliseconds */
export function brokersWaitedFor(sockets: readonly Socket[], replyTimeout: number): string {
  const [first = '', ...others] = new Set(sockets.map(({ hosts }) => hosts.map(printAddress).join(', ')))
  const more = others.length === 0 ? '' : ` and ${count(others.length)} more`
  return `${eachReply(replyTimeout)} of ${visibleLine(first)}${more}`
}

/** That OpenSIPS has not answered yet. @param replyTimeout milliseconds */
export function openSipsWaitedFor({ printed }: { readonly printed: string }, replyTimeout: number): string {
  return `${eachReply(replyTimeout)} of OpenSIPS at ${visibleLine(printed)}`
}

/** That the places where OpenSIPS's subscribers can be watched are not known yet. @param replyTimeout milliseconds */
export function placesWaitedFor(replyTimeout: number): string {
  return `${eachReply(replyTimeout)} of the brokers of its subscribers`
}

/** That an event which OpenSIPS raises was not seen to arrive yet. @param replyTimeout milliseconds */
export function arrivalWaitedFor(event: string, replyTimeout: number): string {
  return `${upTo(replyTimeout)} for ${visibleLine(event)} to arrive`
}

function eachReply(milliseconds: number): string {
  return `${upTo(milliseconds)} for each reply`
}

function upTo(milliseconds: number): string {
  return `Waiting up to ${Math.round(milliseconds / 100) / 10} s`
}
