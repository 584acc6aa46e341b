import { readConfig } from '#lib/domain/opensips/config/read-config.ts'
import { flatten, type OpenedFile, type OpenInclude } from '#lib/domain/opensips/config/syntax/flatten.ts'
import { fromMarkedText, toMarkedText } from '#lib/domain/opensips/config/syntax/marked-text.ts'
import { bytesAsText } from '#lib/domain/opensips/config/syntax/source.ts'
import type { Values } from '#lib/domain/opensips/config/values.ts'
import type { Reading } from '#lib/domain/opensips/reading.ts'

export interface ConfigFileRequest {
  readonly main: OpenedFile
  readonly openInclude: OpenInclude
  /** Values of variables, by their names with the `$`. */
  readonly defined: Values
  /** Runs the whole of it through OpenSIPS's preprocessor. */
  readonly preprocess: ((input: Buffer) => Promise<Buffer>) | undefined
}

/**
 * Reads an opensips.cfg.
 *
 * @throws EviError `data` where OpenSIPS refuses it, `no-input` for a missing include, or what `preprocess` throws
 */
export async function readConfigFile(request: ConfigFileRequest): Promise<Reading> {
  const { main, openInclude, defined, preprocess } = request
  const flattened = flatten(main, openInclude)
  if (!preprocess) return readConfig(flattened, defined)
  const marked = Buffer.from(toMarkedText(flattened.source), 'latin1')
  const source = fromMarkedText(bytesAsText(await preprocess(marked)), main.name)
  return readConfig({ source, dropped: flattened.dropped }, defined)
}
