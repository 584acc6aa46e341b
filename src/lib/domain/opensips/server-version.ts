import type { Version } from './version.ts'

/** The version that an OpenSIPS reports of itself. */
export interface ServerVersion extends Version {
  /** Such as `OpenSIPS 4.0.1`. */
  readonly text: string
}

/** Reads the MI's text, such as `OpenSIPS (4.0.1 (x86_64/linux))`; without a number it counts as the newest. */
export function readServerVersion(server: string): ServerVersion {
  const [, name = server, version = ''] = /^(\S+) \((\S+)/.exec(server) ?? []
  const [, major = '99', minor = '0'] = /^(\d+)\.(\d+)/.exec(version) ?? []
  return { text: `${name} ${version}`.trim(), major: Number(major), minor: Number(minor) }
}
