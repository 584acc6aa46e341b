import { type Host, printAddress, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { readManagementUrl } from './management-url.ts'

/** Where the management API is: looked for beside the broker, not asked at all, or at a URL (docs/settings.md). */
export type ManagementSetting = 'auto' | 'off' | URL

/** What holds where nothing is set. */
export const defaultManagement = 'auto'

/**
 * Reads `auto`, `off` or the address of a management API.
 *
 * @param source what the error names, such as `EVI_MANAGEMENT`
 * @throws EviError `usage`
 */
export function readManagementSetting(text: string, source: string): ManagementSetting {
  if (text === 'auto' || text === 'off') return text
  try {
    return readManagementUrl(text)
  } catch (cause) {
    throw new EviError('usage', `${source} is neither auto nor off nor the address of a management API.`, {
      hint: 'Write the address as http://HOST:15672 or https://USER:PASSWORD@HOST:15671',
      cause,
    })
  }
}

/** The setting without its login. */
export function printManagementSetting(setting: ManagementSetting): string {
  if (typeof setting === 'string') return setting
  const { origin, pathname } = setting
  return pathname === '/' ? origin : origin + pathname
}

/**
 * Where the management API of a broker on its usual port mostly is: protected by TLS as the socket itself is, and nowhere
 * where the port is another one, as that API would mostly be another broker's.
 *
 * @param host the one that answered
 */
export function guessedManagementUrl({ tlsDomain }: Pick<Socket, 'tlsDomain'>, host: Host): URL | undefined {
  if (tlsDomain === null)
    return host.port === 5672 ? new URL(`http://${printAddress({ ...host, port: 15672 })}`) : undefined
  return host.port === 5671 ? new URL(`https://${printAddress({ ...host, port: 15671 })}`) : undefined
}
