import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { EviError } from '#lib/errors.ts'
import { checkTlsFiles } from '#lib/services/subscriptions/certificate-report.ts'
import { absolutePath } from '#lib/text/absolute-path.ts'
import { forPrompt } from './login.ts'
import { type Back, back, type Draft, type SetupPorts, type TextQuestion } from './ports.ts'

/** A TLS domain before its first question. */
export const blankDomain: TlsDomain = {
  name: '',
  ca: null,
  certificate: null,
  privateKey: null,
  verifyCert: true,
  serverName: null,
}

/** The draft with files that can be used, and what may not work with them one day, in sentences. */
export interface TriedFiles {
  readonly draft: Draft
  readonly warnings: readonly string[]
}

/** Asks for a file, and says what its check warns of once the answer stands. */
export async function askForFiles(
  { questions }: SetupPorts,
  question: TextQuestion<TriedFiles>,
): Promise<Draft | Back> {
  const tried = await questions.enter(question)
  if (tried === back) return back
  for (const warning of tried.warnings) questions.say('note', warning)
  return tried.draft
}

/** Looks whether the files of the new TLS domain can be used. @throws EviError `no-input`, `data` */
export async function checkFiles(draft: Draft, { readTlsFiles, questions }: SetupPorts): Promise<TriedFiles> {
  const domain = draft.newTlsDomain ?? blankDomain
  try {
    const { warnings } = await checkTlsFiles(domain, readTlsFiles(domain), new Date())
    return { draft, warnings }
  } catch (error) {
    throw forPrompt(error, questions)
  }
}

/** The path of a file as it is typed: a prompt has no shell that reads `~`. @throws EviError `usage` for none */
export function typedPath(answer: string): string {
  if (answer === '') throw new EviError('usage', 'A file is needed.')
  return absolutePath(answer.replace(/^~(?=\/)/, process.env.HOME ?? '~'))
}
