import { EviError } from '#lib/errors.ts'
import { NotAsked } from './opensips.ts'
import { largestAnswer } from './transport.ts'

/** Every way in which a Management Interface does not answer; no password can be part of it. */

/** Characters of a text that is quoted. */
const longestQuote = 80

/** The failure of a request that did not get through to OpenSIPS. @param why such as `refuses the connection` */
export function notReached(place: string, why: string, hint: string, cause?: unknown): EviError {
  return new EviError('unreachable', `OpenSIPS at ${place} ${why}.`, { hint, cause })
}

/** The same where nothing of the request came to it. */
export function notAsked(place: string, why: string, hint: string, cause?: unknown): NotAsked {
  const { code, message } = notReached(place, why, hint)
  return new NotAsked(code, message, { hint, cause })
}

/** The failure of a request that OpenSIPS did not answer in time, in milliseconds. @param place its address, without a login */
export function noAnswer(place: string, milliseconds: number, hint: string): EviError {
  return notReached(place, `does not answer within ${milliseconds} ms`, hint)
}

/** The failure of a request that this user or host is not allowed to make. @param place its address, without a login */
export function notAllowed(place: string, why: string, hint: string): EviError {
  return new EviError('refused', `OpenSIPS at ${place} cannot be asked: ${why}.`, { hint })
}

/** The failure of an answer that is longer than evi reads. @param place its address, without a login */
export function tooLong(place: string): EviError {
  const limit = largestAnswer / 1024 / 1024
  return notReached(place, `answers more than the ${limit} MB that evi reads of it`, checkAddress)
}

/** Something else answers there, or the answer ends in the middle. */
export function notMi(place: string, answer: string): EviError {
  const start = answer.trimStart()
  // The start of an answer in JSON may hold the passwords of virtual sockets.
  if (/^[{["]/.test(start))
    return notReached(place, 'gives an answer that breaks off or is damaged', tryAgain)
  const line = start.split('\n', 1)[0] as string
  const quoted = quote(line)
  return notReached(
    place,
    quoted === '' ? 'gives an empty answer' : `does not answer as a Management Interface ("${quoted}")`,
    checkAddress,
  )
}

/** The failure of an answer that belongs to another request. @param id of the answer, as JSON */
export function notOwnAnswer(place: string, id: string): EviError {
  return notReached(
    place,
    `answers another request than that of evi (JSON-RPC id ${quote(id)})`,
    'Check what stands between: a proxy may mix the answers of its clients up. Ask OpenSIPS itself.',
  )
}

function quote(text: string): string {
  return text.length > longestQuote ? `${text.slice(0, longestQuote)}...` : text
}

const tryAgain = 'Try again; what OpenSIPS says of it is in its log.'
export const checkAddress =
  'Check the address: mi_http answers at http://HOST:8888/mi, unless its "root" or the port of httpd is set.'
