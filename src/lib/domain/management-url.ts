import { EviError } from '#lib/errors.ts'

/** Reads the address of a management API; its login may be part of it, and is never shown. @throws EviError `usage` */
export function readManagementUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && isDecodable(url.username + url.password)) return url
  throw new EviError('usage', '--management is not the address of a management API.', {
    hint: 'Write it as http://HOST:15672 or https://USER:PASSWORD@HOST:15671',
  })
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
