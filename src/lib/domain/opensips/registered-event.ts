/**
 * Whether OpenSIPS can have an event of that name. It registers one for each constant name of its script, and a string with
 * a `$` is no constant to it, not even with `$$`; its modules have none.
 */
export function canRegister(event: string): boolean {
  return !event.includes('$')
}
