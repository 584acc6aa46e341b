/**
 * When a JWT ends to be valid, in milliseconds since 1970; undefined for any other text (RFC 7519, 4.1.4). It is only read, not
 * verified.
 */
export function tokenExpiry(text: string): number | undefined {
  const [header, payload, signature, ...others] = text.split('.')
  if (!header || !payload || signature === undefined || others.length > 0) return undefined
  try {
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return typeof exp === 'number' ? exp * 1000 : undefined
  } catch {
    return undefined
  }
}
