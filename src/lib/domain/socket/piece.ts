import { refuseSocket } from './invalid-socket.ts'

/** A piece of the socket's text and where it starts, so that a refusal can point at it. */
export interface Piece {
  readonly text: string
  readonly at: number
}

/** The piece without percent escapes. @throws EviError `usage` for a broken one */
export function decode(text: string, piece: Piece): string {
  // Most pieces, of a store that may have a million sockets.
  if (!piece.text.includes('%')) return piece.text
  const broken = /%(?![0-9a-f]{2})/i.exec(piece.text)
  if (broken)
    throw refuseSocket(
      text,
      piece.at + broken.index,
      'expected two hexadecimal digits after "%" (a "%" itself is %25)',
    )
  try {
    return decodeURIComponent(piece.text)
  } catch {
    throw refuseSocket(text, piece.at + piece.text.indexOf('%'), 'these escapes are not valid UTF-8')
  }
}

/** What is before and behind the first separator; all and undefined where there is none. */
export function cut(piece: Piece, separator: string): [Piece, Piece | undefined] {
  const index = piece.text.indexOf(separator)
  if (index < 0) return [piece, undefined]
  return [
    { text: piece.text.slice(0, index), at: piece.at },
    { text: piece.text.slice(index + 1), at: piece.at + index + 1 },
  ]
}

/** The parts between the separators. */
export function split(piece: Piece, separator: string): Piece[] {
  // Most pieces.
  if (!piece.text.includes(separator)) return [piece]
  let at = piece.at
  return piece.text.split(separator).map((text) => {
    const part = { text, at }
    at += text.length + 1
    return part
  })
}
