import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Those that what is part of evi may have: each allows it for the mention of the licence, or for nothing. */
export const bundledLicences: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT OR Apache-2.0',
  '(MIT OR CC0-1.0)',
]

const separator = `\n\n${'-'.repeat(78)}\n\n`

/**
 * The names, versions and licences of the packages that the files of a bundle come from.
 *
 * @throws Error for a package whose licence is not one of `bundledLicences`
 */
export function licences(root: string, inputs: readonly string[]): string {
  const texts = directoriesOf(inputs).map((directory) => licenceOf(join(root, directory)))
  return `evi contains these packages:${separator}${[...new Set(texts)].join(separator)}\n`
}

/** The packages that the files of a bundle come from, as `name@version`. */
export function packagesOf(root: string, inputs: readonly string[]): readonly string[] {
  return directoriesOf(inputs).map((directory) => {
    const { name, version } = JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8'))
    return `${name}@${version}`
  })
}

/** The licence that a package.json names, in the old form, too. */
export function licenceNameOf({ license }: { license?: string | { type: string } }): string | undefined {
  return typeof license === 'object' ? license.type : license
}

function directoriesOf(inputs: readonly string[]): readonly string[] {
  const packages = inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [])
  return [...new Set(packages)].sort()
}

function licenceOf(directory: string): string {
  const about = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  const licence = licenceNameOf(about) ?? 'none'
  if (!bundledLicences.includes(licence))
    throw new Error(`The licence of ${about.name} ${about.version} is ${licence}.`)
  const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : `\n\n${readFileSync(join(directory, file), 'utf8').trim()}`
  return `${about.name} ${about.version}: ${licence}${text}`
}
