/**
 * JSON kept as text: a number's digits, the order of names and the escapes of strings survive, which they do not
 * through JavaScript's own values (12345678901234567890, 1.0, integer-like names).
 */
const tokenPattern = /"[^"]*"|[{}[\],:]|[^\s{}[\],:"]+/g
/** The same, but of strings the start only: a pattern that knows escapes overflows its stack at some millions of them. */
const tokenStart = /[{}[\],:"]|[^\s{}[\],:"]+/g

/**
 * The same JSON without white space between its tokens.
 *
 * @param text JSON, checked here
 * @throws SyntaxError when it is not JSON
 */
export function compactJson(text: string): string {
  JSON.parse(text)
  return withoutBlanks(text)
}

/** The same of what is known to be JSON. */
export function withoutBlanks(json: string): string {
  return /\s/.test(json) ? tokensOf(json).join('') : json
}

/** What speaks against a text that is not JSON. @param error what JSON.parse threw */
export function jsonFault(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  // Not every JavaScript says without it what is the matter.
  return message.replace(/^JSON Parse error: /, '')
}

/** A member of a JSON object, or an element of an array, which has no name. */
export interface Member {
  readonly name: string | undefined
  /** The value, as JSON text. */
  readonly json: string
}

/** The members of an object's, or the elements of an array's, outermost level, in the order written; of valid JSON only. */
export function membersOf(json: string): Member[] {
  const members: Member[] = []
  let depth = 0
  let name: string | undefined
  let value = ''
  for (const token of tokensOf(json)) {
    if (token === '}' || token === ']') depth--
    const ends = (depth === 1 && token === ',') || depth === 0
    if (depth === 1 && token === ':') {
      name = JSON.parse(value) as string
      value = ''
    } else if (!ends) {
      if (depth > 0) value += token
    } else if (value !== '') {
      members.push({ name, json: value })
      name = undefined
      value = ''
    }
    if (token === '{' || token === '[') depth++
  }
  return members
}

function tokensOf(json: string): string[] {
  if (!json.includes('\\')) return json.match(tokenPattern) ?? []
  const tokens: string[] = []
  tokenStart.lastIndex = 0
  for (let match = tokenStart.exec(json); match; match = tokenStart.exec(json)) {
    const [start] = match
    const end = start === '"' ? endOfString(json, match.index) : tokenStart.lastIndex
    tokens.push(json.slice(match.index, end))
    tokenStart.lastIndex = end
  }
  return tokens
}

/** Behind the first quote that does not follow an odd number of backslashes. */
function endOfString(json: string, start: number): number {
  for (let quote = json.indexOf('"', start + 1); quote > 0; quote = json.indexOf('"', quote + 1)) {
    let before = quote
    while (json[before - 1] === '\\') before--
    if ((quote - before) % 2 === 0) return quote + 1
  }
  return json.length
}
