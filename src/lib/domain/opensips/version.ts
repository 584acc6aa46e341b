import { EviError } from '#lib/errors.ts'

/** A version of OpenSIPS, such as `3.2`. */
export interface Version {
  readonly major: number
  readonly minor: number
}

/** Reads a version of OpenSIPS; what follows the second number does not matter. @throws EviError `usage` */
export function readVersion(source: string, text: string): Version {
  const [, major, minor] = /^(\d{1,3})\.(\d{1,3})(?:\.\d+)*$/.exec(text) ?? []
  if (major !== undefined && minor !== undefined) return { major: Number(major), minor: Number(minor) }
  throw new EviError('usage', `${source} is ${JSON.stringify(text)}, not a version of OpenSIPS.`, {
    hint: `For example: ${source} 3.1, or ${source} 3.2 for that and later ones`,
  })
}

/** Whether a version is older than another one. */
export function isBefore({ major, minor }: Version, other: `${number}.${number}`): boolean {
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number)
  return major < otherMajor || (major === otherMajor && minor < otherMinor)
}
