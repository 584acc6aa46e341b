import { EviError } from '#lib/errors.ts'
import { bytesAsText, type Chunk, type Place, Source } from './source.ts'

/** A file that was opened, by the name under which OpenSIPS opens it. */
export interface OpenedFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * Opens an included file: relative to the working directory first, then to the directory of the including file.
 *
 * @throws EviError `no-input`, without the place of the include
 */
export type OpenInclude = (path: string, includingFile: string) => OpenedFile

/** Files within each other, as OpenSIPS allows them. */
const deepest = 50
/** Characters that all files may have together: a file that is included twice on each level doubles on each. */
const largest = 64 * 1024 * 1024

/** Spaces may be missing before the path, which ends on the same line; OpenSIPS drops what is behind it. */
const include = /^[ \t]*(?:include_file|import_file)\s*(["'])(.{2,}?)\1(.*)$/

export interface Flattened {
  readonly source: Source
  /** Includes with something behind their path, which OpenSIPS drops; `at` is where the included file begins. */
  readonly dropped: readonly { readonly at: number; readonly place: Place }[]
}

/**
 * Puts the files that a configuration includes in their place, line by line and before all else, so also within a
 * comment. See docs/opensips-config.md.
 *
 * @throws EviError `no-input` for a file that is missing, `data` for a loop, too many levels or a NUL
 */
export function flatten(main: OpenedFile, open: OpenInclude): Flattened {
  const chunks: Chunk[] = []
  const dropped: { at: number; place: Place }[] = []
  let size = 0

  const add = ({ name: file, bytes }: OpenedFile, including: readonly Place[]) => {
    const text = withLastEnd(withoutMark(bytesAsText(bytes)))
    refuseNul(text, file)
    for (const piece of splitAtIncludes(text)) {
      const place = { file, line: piece.line }
      if ('text' in piece) {
        chunks.push({ ...place, text: piece.text })
        size += piece.text.length
      } else {
        if (/^\s*[^\s#]/.test(piece.rest)) dropped.push({ at: size, place })
        const stack = [...including, place]
        const included = openAt(piece.path, stack, open)
        if (stack.some((one) => one.file === included.name))
          throw refusal(place, `${included.name} includes itself`)
        if (stack.length > deepest) throw refusal(place, `files are included more than ${deepest} deep`)
        add(included, stack)
      }
      if (size > largest) throw refusal(place, 'all included files together are larger than 64 MB')
    }
  }
  add(main, [])
  return { source: new Source(chunks), dropped }
}

/** Lines of a file that are no include, or one that is; with the number of the first. */
type Piece =
  | { readonly line: number; readonly text: string }
  | { readonly line: number; readonly path: string; readonly rest: string }

function* splitAtIncludes(text: string): Generator<Piece> {
  let [from, first] = [0, 1]
  if (text.includes('_file')) {
    let [at, line] = [0, 1]
    while (at < text.length) {
      const end = text.indexOf('\n', at) + 1
      const [, , path, rest = ''] = includeIn(text.slice(at, end)) ?? []
      if (path !== undefined) {
        if (from < at) yield { line: first, text: text.slice(from, at) }
        yield { line, path, rest }
        from = end
        first = line + 1
      }
      at = end
      line++
    }
  }
  if (from < text.length) yield { line: first, text: text.slice(from) }
}

function includeIn(line: string): RegExpExecArray | null {
  return line.includes('_file') ? include.exec(line.trimEnd()) : null
}

function openAt(path: string, stack: readonly Place[], open: OpenInclude): OpenedFile {
  const place = stack.at(-1) as Place
  try {
    return open(path, place.file)
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    throw new EviError(error.code, `${place.file}:${place.line}: ${error.message}`, {
      hint: 'OpenSIPS looks for it in its working directory, then beside the file that includes it, and does not start without it.',
      cause: error,
    })
  }
}

/** A last line without an end gets one, as from OpenSIPS. */
function withLastEnd(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}

/** A byte order mark would hide an include in the first line. */
function withoutMark(text: string): string {
  return text.startsWith('\xef\xbb\xbf') ? text.slice(3) : text
}

function refuseNul(text: string, file: string): void {
  const at = text.indexOf('\0')
  if (at < 0) return
  const line = text.slice(0, at).split('\n').length
  throw new EviError('data', `${file}:${line}: there is a NUL character in it; this is no opensips.cfg.`, {
    hint: 'Nothing was changed. Check which file it is: OpenSIPS does not start with it.',
  })
}

function refusal({ file, line }: Place, problem: string): EviError {
  return new EviError('data', `${file}:${line}: ${problem}.`, {
    hint: 'Nothing was changed. OpenSIPS does not start with it, either.',
  })
}
