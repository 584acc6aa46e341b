import { EviError } from '#lib/errors.ts'
import { bytesAsText, type Place, Source } from './source.ts'

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
  const lines: string[] = []
  const places: Place[] = []
  const dropped: { at: number; place: Place }[] = []
  let size = 0

  const add = ({ name: file, bytes }: OpenedFile, including: readonly Place[]) => {
    const text = withoutMark(bytesAsText(bytes))
    refuseNul(text, file)
    for (const [index, line] of splitLines(text).entries()) {
      const place = { file, line: index + 1 }
      const found = line.includes('_file') ? include.exec(line.trimEnd()) : null
      if (found === null) {
        lines.push(line)
        places.push(place)
        size += line.length
      } else {
        const [, , path = '', rest = ''] = found
        if (/^\s*[^\s#]/.test(rest)) dropped.push({ at: size, place })
        const stack = [...including, place]
        const included = openAt(path, stack, open)
        if (stack.some((one) => one.file === included.name))
          throw refusal(place, `${included.name} includes itself`)
        if (stack.length > deepest) throw refusal(place, `files are included more than ${deepest} deep`)
        add(included, stack)
      }
      if (size > largest) throw refusal(place, 'all included files together are larger than 64 MB')
    }
  }
  add(main, [])
  return { source: new Source(lines, places), dropped }
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

/** Lines with their ends; a last line without one gets one, as from OpenSIPS. */
function splitLines(text: string): readonly string[] {
  const lines = text.split('\n')
  const last = lines.pop()
  const whole = lines.map((line) => `${line}\n`)
  return last === '' || last === undefined ? whole : [...whole, `${last}\n`]
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
