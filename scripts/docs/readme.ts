// Writes docs/commands, a page for each command and an index; with --check it writes nothing and fails where one differs.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildIfStale, root, runs } from '../prepare.ts'

/** A page's file name in docs/commands, and its text. */
type Pages = ReadonlyMap<string, string>

const directory = join(root, 'docs/commands')
const checking = process.argv.includes('--check')
// The reference comes from the manifest, which only a whole build renews.
if (!(checking ? buildIfStale() : runs(process.execPath, 'scripts/build.mjs'))) process.exit(1)
const pages = splitIntoPages(reference())
if (checking) check(pages)
else write(pages)

/** The reference of all commands, as oclif writes it. */
function reference(): string {
  const temporary = mkdtempSync(join(tmpdir(), 'evi-readme-'))
  try {
    const file = join(temporary, 'README.md')
    writeFileSync(file, '<!-- commands -->\n')
    // It looks for what tsc compiled, of which there is nothing.
    const options = ['--no-source-links', '--tsconfig-path', 'none', '--readme-path', file]
    execFileSync('node_modules/.bin/oclif', ['readme', ...options], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return readFileSync(file, 'utf8')
  } finally {
    rmSync(temporary, { recursive: true })
  }
}

function splitIntoPages(reference: string): Pages {
  const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'))
  const commands = Object.keys(manifest.commands).sort()
  const sections = reference.split(/^(?=## `evi )/m).slice(1)
  const pages = commands.map((id) => {
    const name = id.replaceAll(':', ' ')
    const section = sections.find((text) => new RegExp(`^## \`evi ${name}[ \`]`).test(text)) ?? ''
    const page = section.replace(/^## /, '# ').replace('<!-- commandsstop -->', '').trimEnd()
    return [`${name.replaceAll(' ', '-')}.md`, `${page}\n`] as const
  })
  return new Map([['README.md', index(pages)], ...pages])
}

function index(pages: readonly (readonly [string, string])[]): string {
  const rows = pages.map(([file, page]) => {
    const [heading = '', , summary = ''] = page.split('\n')
    return `- [${heading.replace('# ', '')}](${file}): ${summary}`
  })
  return ['# Commands', '', 'What `evi COMMAND --help` shows, a page a command.', '', ...rows, ''].join('\n')
}

function write(pages: Pages): void {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  for (const [file, page] of pages) writeFileSync(join(directory, file), page)
}

function check(pages: Pages): void {
  const there = readdirSync(directory)
  const stale = [...pages].filter(([file, page]) => !there.includes(file) || pageOf(file) !== page)
  if (stale.length === 0 && there.length === pages.size) return
  process.stderr.write('docs/commands does not have the commands as they are. Run: npm run readme\n')
  process.exitCode = 1
}

function pageOf(file: string): string {
  return readFileSync(join(directory, file), 'utf8')
}
