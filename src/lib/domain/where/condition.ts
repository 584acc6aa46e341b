import { Networks } from '#lib/text/networks.ts'

/** A value as it was written; a quoted one is text, whatever it looks like. */
interface Value {
  readonly text: string
  readonly quoted: boolean
}

/** What is asked of one param. */
export type Condition =
  | ({ readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>=' } & Value)
  | { readonly operator: '~' | '!~'; readonly pattern: RegExp }
  | { readonly operator: 'in'; readonly networks: readonly string[]; readonly values: readonly Value[] }

/** Whether a param's value fulfils the condition. @param json the value as JSON text */
export type ConditionTest = (json: string) => boolean

/** The test that a condition stands for. */
export function conditionTest(condition: Condition): ConditionTest {
  switch (condition.operator) {
    case '~':
    case '!~': {
      const { pattern, operator } = condition
      return (json) => pattern.test(textOf(json)) === (operator === '~')
    }
    case 'in': {
      const networks = new Networks(condition.networks)
      const tests = condition.values.map(equalityTest)
      return (json) => networks.has(textOf(json)) || tests.some((test) => test(json))
    }
    case '=':
      return equalityTest(condition)
    case '!=': {
      const equals = equalityTest(condition)
      return (json) => !equals(json)
    }
    default: {
      const { operator } = condition
      const compare = comparison(condition)
      return (json) => {
        const order = compare(json)
        if (order === undefined) return false
        if (order === 0) return operator.endsWith('=')
        return operator.startsWith('<') === order < 0
      }
    }
  }
}

/** The text that a param shows: a string's own, any other value's JSON. */
export function textOf(json: string): string {
  return json.startsWith('"') ? (JSON.parse(json) as string) : json
}

/** Equal are the same text, and numbers of the same value (`5`, `5.0`) if none is quoted in the expression. */
function equalityTest(value: Value): ConditionTest {
  const isNumber = !value.quoted && looksNumeric(value.text)
  return (json) => {
    const text = textOf(json)
    return text === value.text || (isNumber && looksNumeric(text) && compareNumbers(text, value.text) === 0)
  }
}

/** Below 0, 0, above 0; undefined for a number and a text, which have no order. */
function comparison(value: Value): (json: string) => number | undefined {
  if (!value.quoted && looksNumeric(value.text)) {
    return (json) => {
      const text = textOf(json)
      return looksNumeric(text) ? compareNumbers(text, value.text) : undefined
    }
  }
  return (json) => {
    if (!json.startsWith('"')) return undefined
    const text = textOf(json)
    return text === value.text ? 0 : text < value.text ? -1 : 1
  }
}

/** As JSON writes numbers: 0049 is a telephone number, which is not 49. */
function looksNumeric(text: string): boolean {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)
}

/** Integers to the last digit, others as double precision has them. */
function compareNumbers(one: string, other: string): number {
  const integers = /^-?\d+$/.test(one) && /^-?\d+$/.test(other)
  const [left, right] = integers ? [BigInt(one), BigInt(other)] : [Number(one), Number(other)]
  return left === right ? 0 : left < right ? -1 : 1
}
