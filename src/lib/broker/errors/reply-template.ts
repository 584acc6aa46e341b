/** What a reply names, by the place's name in its template. */
export type ReplyNames = Readonly<Record<string, string>>

/** A sentence of RabbitMQ's with places for names, such as `no queue '{queue}' in vhost '{vhost}'`. */
export interface ReplyTemplate {
  readonly whole: RegExp
  readonly beginning: RegExp
}

/** The longest reply text, in bytes: a short string of AMQP (0-9-1, 4.2.5.3). RabbitMQ ends a longer one in dots. */
const longestReply = 255
const cutMark = '...'

/** Compiles a sentence to the patterns of the whole of it, and of any beginning of it. */
export function replyTemplate(sentence: string): ReplyTemplate {
  const parts = sentence.split(/(\{\w+\})/)
  const sources = parts.map((part) =>
    part.startsWith('{') ? `(?<${part.slice(1, -1)}>${isNumber(part) ? '\\d+' : '.*'})` : escaped(part),
  )
  const cut = parts
    .flatMap((part) => (part.startsWith('{') ? ['.*'] : [...part].map(escaped)))
    .reduceRight((rest, source) => `(?:${source}${rest})?`, '')
  return { whole: new RegExp(`^${sources.join('')}$`, 's'), beginning: new RegExp(`^${cut}$`, 's') }
}

/** The text without its mark, where RabbitMQ has cut it off at the longest that a reply can be. */
export function cutReply(text: string, bytes: number): string | undefined {
  return bytes >= longestReply - 3 && text.endsWith(cutMark) ? text.slice(0, -cutMark.length) : undefined
}

function isNumber(place: string): boolean {
  return /^\{(?:limit|number|size)\}$/.test(place)
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
