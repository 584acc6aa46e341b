import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { root } from '../prepare.ts'

/** Writes NOTES.md: what CHANGELOG.md says of this version or, before its release, of what is not released yet. */
export function writeNotes(directory: string): void {
  const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
  const { version } = manifest
  writeFileSync(join(directory, 'NOTES.md'), `# evi ${version}\n\n${notesOf(changelog, version)}\n`)
}

/** @throws Error when neither the version nor anything unreleased has a section */
function notesOf(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1)
  const titled = (title: string) =>
    sections.find((text) => text.startsWith(title) || text.startsWith(`[${title}`))
  const section = titled(version) ?? titled('Unreleased') ?? titled('Upcoming')
  if (section === undefined) throw new Error(`CHANGELOG.md has no section for ${version}.`)
  return section.slice(section.indexOf('\n')).trim()
}
