/** Whether a value is an object with all of these names, whatever their values. */
export function has<K extends string>(
  document: unknown,
  ...names: readonly K[]
): document is Record<K, unknown> {
  return typeof document === 'object' && document !== null && names.every((name) => name in document)
}

/** A check for an array whose values all pass another check. */
export function listOf<T>(is: (one: unknown) => one is T): (document: unknown) => document is readonly T[] {
  return (document): document is readonly T[] => Array.isArray(document) && document.every(is)
}

/** The value if it is a text. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The value if it is a list of texts. */
export function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && areTexts(...value) ? value : undefined
}

/** The value if it is a number. */
export function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** Whether a value is an object, or a list. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** Whether all values are texts. */
export function areTexts(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string')
}
