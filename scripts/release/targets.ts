/** A platform that evi has an executable for. */
export interface Target {
  /** As the name of the executable has it. */
  readonly name: string
  /** As `bun build --target` has it. */
  readonly bunTarget: string
  /** The npm package that has this platform's bun. */
  readonly bunPackage: string
  /** Debian's name for its architecture, where it is Debian's. */
  readonly debian?: 'amd64' | 'arm64'
}

const targets: readonly Target[] = [
  { name: 'linux-x64', bunTarget: 'bun-linux-x64', bunPackage: '@oven/bun-linux-x64', debian: 'amd64' },
  {
    name: 'linux-arm64',
    bunTarget: 'bun-linux-arm64',
    bunPackage: '@oven/bun-linux-aarch64',
    debian: 'arm64',
  },
  { name: 'linux-x64-musl', bunTarget: 'bun-linux-x64-musl', bunPackage: '@oven/bun-linux-x64-musl' },
  { name: 'linux-arm64-musl', bunTarget: 'bun-linux-arm64-musl', bunPackage: '@oven/bun-linux-aarch64-musl' },
  { name: 'darwin-x64', bunTarget: 'bun-darwin-x64', bunPackage: '@oven/bun-darwin-x64' },
  { name: 'darwin-arm64', bunTarget: 'bun-darwin-arm64', bunPackage: '@oven/bun-darwin-aarch64' },
]

/** The targets of these names; all where there is none. Ends the program for a name that no target has. */
export function targetsNamed(names: readonly string[]): readonly Target[] {
  const known = targets.map(({ name }) => name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    process.stderr.write(`There is no executable for ${unknown.join(', ')}, only for: ${known.join(', ')}.\n`)
    process.exit(64)
  }
  return targets.filter(({ name }) => names.length === 0 || names.includes(name))
}

/** The target of this machine; musl is not looked for. */
export const ownTarget = `${process.platform}-${process.arch}`
