import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { bundleProgram } from '../bundle/bundle.ts'
import { root } from '../prepare.ts'

/** What evi uses of a CycloneDX document. */
interface Sbom {
  readonly metadata: {
    readonly component: { readonly 'bom-ref': string; readonly type?: string; readonly name?: string }
  }
  readonly components: readonly { readonly 'bom-ref': string }[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

/** Writes the list of what evi is made of, in CycloneDX: as npm makes it, without what only builds or tests evi. */
export async function writeSbom(directory: string): Promise<void> {
  const everything: Sbom = JSON.parse(npm(...npmSbom()))
  const { packages } = await bundleProgram(root)
  // bun is in the executables only, and npm's list has it.
  const sbom = reduced(everything, [...packages, `bun@${manifest.devDependencies.bun}`])
  const file = join(directory, `evi-${manifest.version}.cdx.json`)
  writeFileSync(file, `${JSON.stringify(sbom, null, 2)}\n`)
}

/** The arguments of npm; the npm 9 of Debian and Ubuntu has no list to make, and fetches a newer one for it. */
function npmSbom(): readonly string[] {
  const sbom = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only']
  const major = Number.parseInt(npm('--version'), 10)
  return major >= 11 ? sbom : ['exec', '--yes', '--package=npm@10.9.9', '--', 'npm', ...sbom]
}

function npm(...argv: readonly string[]): string {
  return execFileSync('npm', argv, { cwd: root, encoding: 'utf8', maxBuffer: 1e8 })
}

/** @throws Error when npm does not list one of the packages */
function reduced(sbom: Sbom, packages: readonly string[]): Sbom {
  const { component } = sbom.metadata
  const kept = new Set(packages)
  const components = sbom.components
    .filter((one) => kept.has(one['bom-ref']))
    // To npm they are for development, as evi comes bundled.
    .map((one) => ({ ...one, scope: 'required', properties: [] }))
  const missing = packages.filter((name) => !components.some((one) => one['bom-ref'] === name))
  if (missing.length > 0) throw new Error(`npm does not list ${missing.join(', ')}.`)
  const own = component['bom-ref']
  return {
    ...sbom,
    metadata: { ...sbom.metadata, component: { ...component, type: 'application', name: manifest.name } },
    components,
    dependencies: [
      { ref: own, dependsOn: [...kept].sort() },
      ...sbom.dependencies
        .filter(({ ref }) => kept.has(ref))
        .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((name) => kept.has(name)) })),
    ],
  }
}
