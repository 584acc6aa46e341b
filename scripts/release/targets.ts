/** A platform that evi has an executable for. */
export interface Target {
  /** As the name of the executable has it. */
  readonly name: string
  /** As `bun build --target` has it. */
  readonly bunTarget: string
  /** The npm package that has this platform's bun. */
  readonly bunPackage: string
}

export const targets: readonly Target[] = [
  { name: 'linux-x64', bunTarget: 'bun-linux-x64', bunPackage: '@oven/bun-linux-x64' },
  { name: 'linux-arm64', bunTarget: 'bun-linux-arm64', bunPackage: '@oven/bun-linux-aarch64' },
  { name: 'linux-x64-musl', bunTarget: 'bun-linux-x64-musl', bunPackage: '@oven/bun-linux-x64-musl' },
  { name: 'linux-arm64-musl', bunTarget: 'bun-linux-arm64-musl', bunPackage: '@oven/bun-linux-aarch64-musl' },
  { name: 'darwin-x64', bunTarget: 'bun-darwin-x64', bunPackage: '@oven/bun-darwin-x64' },
  { name: 'darwin-arm64', bunTarget: 'bun-darwin-arm64', bunPackage: '@oven/bun-darwin-aarch64' },
]

/** The target of this machine; musl is not looked for. */
export const ownTarget = `${process.platform}-${process.arch}`
