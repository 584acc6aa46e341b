import { type Chunk, Source } from './source.ts'

/** The marks that OpenSIPS puts between the lines, by which it finds them again behind its preprocessor. */
const lineMark = '__OSSPP_LINE__'
const fileBegin = '__OSSPP_FILEBEGIN__'
const fileEnd = '__OSSPP_FILEEND__'

/** A configuration as OpenSIPS gives it to its preprocessor. */
export function toMarkedText(source: Source): string {
  const parts: string[] = []
  const open: string[] = []
  for (const { text, place } of source.lines()) {
    while (open.length > 0 && open.at(-1) !== place.file && open.includes(place.file)) {
      parts.push(`${fileEnd}\n`)
      open.pop()
    }
    if (open.at(-1) !== place.file) {
      parts.push(`${fileBegin} "${place.file}"\n`)
      open.push(place.file)
    }
    parts.push(`${lineMark} ${place.line}\n`, text)
  }
  return parts.join('') + `${fileEnd}\n`.repeat(open.length)
}

/** What a preprocessor made of it; lines that it added belong to the one before. */
export function fromMarkedText(text: string, mainFile: string): Source {
  const chunks: Chunk[] = []
  const files: string[] = []
  let line = 1
  for (const written of text.split(/(?<=\n)/)) {
    const [, mark, rest = ''] = /^(__OSSPP_(?:LINE|FILEBEGIN|FILEEND)__)\s*(.*?)\s*$/s.exec(written) ?? []
    if (mark === lineMark) line = Number.parseInt(rest, 10) || line
    else if (mark === fileBegin) files.push(rest.replace(/^"|"$/g, ''))
    else if (mark === fileEnd) files.pop()
    else chunks.push({ file: files.at(-1) ?? mainFile, line, text: written })
  }
  return new Source(chunks)
}
