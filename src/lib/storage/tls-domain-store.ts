import type { TlsDomain, TlsDomainStore } from '#lib/domain/socket/tls-domain.ts'
import { ConfigFile, type Document, type StorageListener } from './config-file.ts'

/** The persisted TLS domains, in `tls-domains.json` (docs/settings.md). */
export class ConfTlsDomainStore implements TlsDomainStore {
  readonly #file: ConfigFile

  constructor(directory: string, listener?: StorageListener) {
    this.#file = new ConfigFile(directory, 'tls-domains', { listener })
  }

  all(): readonly TlsDomain[] {
    return this.#decode(this.#file.read())
  }

  async update<T>(
    change: (domains: readonly TlsDomain[]) => { next: readonly TlsDomain[]; result: T },
  ): Promise<T> {
    return await this.#file.update((document) => {
      const { next, result } = change(this.#decode(document))
      return { next: { domains: next }, result }
    })
  }

  #decode(document: Document | undefined): readonly TlsDomain[] {
    if (document === undefined) return []
    const { domains } = document
    if (!Array.isArray(domains)) throw this.#file.damaged('has no list "domains"')
    const wrong = domains.findIndex((domain) => !isTlsDomain(domain))
    if (wrong >= 0) throw this.#file.damaged(`makes no sense at TLS domain ${wrong + 1}`)
    return domains
  }
}

function isTlsDomain(value: unknown): value is TlsDomain {
  if (typeof value !== 'object' || value === null) return false
  const { name, verifyCert, ...others } = value as Record<string, unknown>
  const { ca, certificate, privateKey, serverName, pkcs12 = null, passphraseFile = null } = others
  const texts = [ca, certificate, privateKey, serverName, pkcs12, passphraseFile]
  return (
    typeof name === 'string' &&
    typeof verifyCert === 'boolean' &&
    texts.every((text) => text === null || typeof text === 'string')
  )
}
