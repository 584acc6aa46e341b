import { EviError, systemCode } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import type { HttpReply } from './http.ts'
import { has } from './json-values.ts'
import type { ManagementLogin } from './management.ts'

/** Every way in which a management API does not answer what it was asked; no password can be part of it. */

/** Characters of a text that is quoted. */
const longestQuote = 80

/** The API refuses the user. Reasons as RabbitMQ 3.10, 4.0 and 4.3 give them with the status 401. */
export function refusal({ user, url }: ManagementLogin, { status }: HttpReply, document: unknown): EviError {
  const reason = has(document, 'reason') ? String(document.reason) : ''
  const place = `The management API at ${url.host}`
  if (/^Not (?:management|monitor|policymaker|administrator) user$/.test(reason)) {
    return new EviError('refused', `${place} lets the user "${user}" look at nothing: ${reason}.`, {
      hint: `Let it look, on the broker of ${url.host}: rabbitmqctl set_user_tags ${shellWord(user)} management`,
    })
  }
  const hint = 'Give another login: --management http://USER:PASSWORD@HOST:15672'
  if (status === 401 && /^(?:Login failed|Not_Authorized|)$/.test(reason)) {
    return new EviError('refused', `${place} refuses the login of the user "${user}": wrong password?`, {
      hint,
    })
  }
  return new EviError(
    'refused',
    `${place} refuses the user "${user}" (${status}${reason && `: ${quote(reason)}`}).`,
    { hint },
  )
}

/** No answer, or none in time. */
export function noAnswer({ url }: ManagementLogin, error: unknown, milliseconds: number): EviError {
  if (error instanceof EviError) return error
  const code = systemCode(error)
  if (code !== undefined && /CERT|ISSUER|ALTNAME/.test(code)) {
    return new EviError(
      'unreachable',
      `The certificate of the management API at ${url.host} is not trusted (${code}).`,
      {
        hint: 'Give the authority of its certificate to the TLS domain of the socket: evi tls-domain set NAME --ca FILE',
        cause: error,
      },
    )
  }
  const late = error instanceof Error && /^(?:TimeoutError|AbortError)$/.test(error.name)
  const reason = late
    ? `does not answer within ${milliseconds} ms`
    : `cannot be reached (${systemCode(error) ?? 'no HTTP there'})`
  return new EviError('unreachable', `The management API at ${url.host} ${reason}.`, {
    hint: `Check the URL, and that the plugin runs on ${url.hostname}: rabbitmq-plugins enable rabbitmq_management`,
    cause: error,
  })
}

/** It points elsewhere; evi does not follow, as the login would go there. */
export function redirected({ url }: ManagementLogin, { status, location }: HttpReply): EviError {
  const isReadable = location !== undefined && URL.canParse(location, url.href)
  const there = isReadable ? new URL(location, url.href) : undefined
  const base = there && `${there.origin}${there.pathname.replace(/\/api\/.*$/, '')}`
  return new EviError(
    'unreachable',
    `The management API at ${url.host} redirects to ${base ?? 'another address'} (${status}); evi does not send the login there unasked.`,
    { hint: base && `If it is yours: --management ${shellWord(base)}` },
  )
}

/** Something else answers there. */
export function stranger({ url }: ManagementLogin, { status, text }: HttpReply): EviError {
  const start = text.trim().split('\n', 1)[0] ?? ''
  const said = start === '' ? '' : `, "${quote(start)}"`
  return new EviError('unreachable', `${url.host} answers, but not as a management API (${status}${said}).`, {
    hint: 'Check the URL; the management API is mostly at http://HOST:15672',
  })
}

function quote(text: string): string {
  return text.length > longestQuote ? `${text.slice(0, longestQuote)}...` : text
}
