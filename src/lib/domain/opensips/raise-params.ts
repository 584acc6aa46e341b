import { EviError } from '#lib/errors.ts'
import { type Member, membersOf } from '#lib/text/json-text.ts'

/**
 * The params of a notification as OpenSIPS's `raise_event` takes and publishes them: a JSON object of strings and 32-bit
 * integers, compact. It garbles every other value (docs/opensips-mi.md).
 *
 * @param params JSON text; undefined for none
 * @throws EviError `usage` for what OpenSIPS would garble, with the parameter's name
 */
export function readRaiseParams(params: string | undefined): string | undefined {
  if (params === undefined) return undefined
  if (!params.startsWith('{')) {
    throw new EviError('usage', 'OpenSIPS cannot raise an event with unnamed parameters.', {
      hint: 'Name them: --param NAME=VALUE',
    })
  }
  const members = membersOf(params).map((member) => `${nameOf(member)}:${jsonOf(member)}`)
  return members.length === 0 ? undefined : `{${members.join(',')}}`
}

function nameOf({ name = '' }: Member): string {
  if (isPlain(name)) return JSON.stringify(name)
  throw garbled(name, 'its name has a zero byte or half a character')
}

function jsonOf({ name = '', json }: Member): string {
  if (json.startsWith('"')) {
    const text = JSON.parse(json) as string
    if (isPlain(text)) return JSON.stringify(text)
    throw garbled(name, 'the text has a zero byte or half a character')
  }
  if (/^-?\d+$/.test(json) && json !== '-0') {
    if (Number(json) === (Number(json) | 0)) return json
    throw garbled(name, `${json} is no 32-bit integer`)
  }
  throw garbled(
    name,
    `${json.length > 40 ? `${json.slice(0, 40)}...` : json} is neither a string nor an integer`,
  )
}

/** A text that C and UTF-8 can hold. */
function isPlain(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

function garbled(name: string, why: string): EviError {
  return new EviError('usage', `OpenSIPS garbles the parameter ${JSON.stringify(name)}: ${why}.`, {
    hint: 'Give it as a string, NAME=VALUE, or leave it out; evi itself publishes any JSON: evi raise without --opensips',
  })
}
