/** The version that an OpenSIPS reports of itself. */
export interface OpenSipsVersion {
  /** Such as `OpenSIPS 4.0.1`. */
  readonly text: string
  /** `[4, 0]`; undefined where the text has no number. */
  readonly number: readonly [major: number, minor: number] | undefined
}

/** Reads the MI's text, such as `OpenSIPS (4.0.1 (x86_64/linux))`. */
export function readVersion(server: string): OpenSipsVersion {
  const [, name = server, version = ''] = /^(\S+) \((\S+)/.exec(server) ?? []
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? []
  return {
    text: `${name} ${version}`.trim(),
    number: major === undefined ? undefined : [Number(major), Number(minor)],
  }
}

/** Whether it is of this version or a later one; an unknown version counts as the newest. */
export function isSince({ number }: OpenSipsVersion, major: number, minor: number): boolean {
  if (number === undefined) return true
  return number[0] > major || (number[0] === major && number[1] >= minor)
}
