import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { isPkcs12, needsPassphrase } from '#lib/services/subscriptions/pkcs12.ts'
import { reach } from './login.ts'
import type { Draft, SetupPorts, Step } from './ports.ts'
import { askForFiles, blankDomain, checkFiles, type TriedFiles, typedPath } from './tls-files.ts'

/** The answer for no client certificate. */
const none = 'none'

/** The client certificate, if any; without one the broker must be content. */
export const enterCertificate: Step = {
  applies: ({ newTlsDomain }) => newTlsDomain !== undefined,
  async ask(draft, ports) {
    const domain = draft.newTlsDomain ?? blankDomain
    return await askForFiles(ports, {
      message: `File of a client certificate (PEM or PKCS #12), or ${none}`,
      default: domain.certificate ?? domain.pkcs12 ?? none,
      accept: async (answer) => {
        const own = answer === none ? withoutCertificate : ownCertificate(typedPath(answer), ports)
        const next = { ...draft, newTlsDomain: { ...domain, ...own }, keyIsEncrypted: false }
        // The key, which may be in a file of its own, is the next question.
        return own.certificate === null ? await tryFiles(next, ports) : await checkCertificate(next, ports)
      },
    })
  },
}

/** The key of the client certificate; the two are tried at once, unless a passphrase is needed. */
export const enterPrivateKey: Step = {
  applies: ({ newTlsDomain }) => Boolean(newTlsDomain?.certificate),
  async ask(draft, ports) {
    const domain = draft.newTlsDomain ?? blankDomain
    return await askForFiles(ports, {
      message: 'File of its private key',
      default: domain.privateKey ?? '',
      accept: async (answer) =>
        await tryFiles({ ...draft, newTlsDomain: { ...domain, privateKey: typedPath(answer) } }, ports),
    })
  },
}

/** The passphrase of a key or PKCS #12 file that is encrypted, tried at once. */
export const enterPassphraseFile: Step = {
  applies: ({ newTlsDomain, keyIsEncrypted }) => newTlsDomain !== undefined && keyIsEncrypted,
  async ask(draft, ports) {
    const domain = draft.newTlsDomain ?? blankDomain
    return await askForFiles(ports, {
      message: 'It is encrypted. File with its passphrase',
      default: domain.passphraseFile ?? '',
      accept: async (answer) => {
        const next = { ...draft, newTlsDomain: { ...domain, passphraseFile: typedPath(answer) } }
        const tried = await checkFiles(next, ports)
        await reach(next, ports)
        return tried
      },
    })
  },
}

type OwnCertificate = Pick<TlsDomain, 'certificate' | 'privateKey'> & { readonly pkcs12: string | null }

const withoutCertificate: OwnCertificate = { certificate: null, privateKey: null, pkcs12: null }

/** What a file is, by its content. A certificate and its key may be in one PEM file. @throws EviError `no-input` */
function ownCertificate(file: string, { readTlsFiles }: SetupPorts): OwnCertificate {
  const { certificate: content } = readTlsFiles({ ...blankDomain, certificate: file })
  if (content === null || isPkcs12(content)) return { ...withoutCertificate, pkcs12: file }
  const privateKey = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(content.toString('latin1')) ? file : null
  return { certificate: file, privateKey, pkcs12: null }
}

async function checkCertificate(draft: Draft, ports: SetupPorts): Promise<TriedFiles> {
  const domain = draft.newTlsDomain ?? blankDomain
  const alone = { ...domain, privateKey: null, passphraseFile: null }
  return { ...(await checkFiles({ ...draft, newTlsDomain: alone }, ports)), draft }
}

/** Tries the client certificate on the broker; one whose key is encrypted only once its passphrase is known. */
async function tryFiles(draft: Draft, ports: SetupPorts): Promise<TriedFiles> {
  const domain = draft.newTlsDomain ?? blankDomain
  const open = { ...domain, passphraseFile: null }
  if (await needsPassphrase(ports.readTlsFiles(open)))
    return { draft: { ...draft, keyIsEncrypted: true }, warnings: [] }
  const next = { ...draft, newTlsDomain: open, keyIsEncrypted: false }
  const tried = await checkFiles(next, ports)
  await reach(next, ports)
  return tried
}
