import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { root } from '../prepare.ts'
import { changelog, control, copyright, type DebOptions, lintianOverrides } from './debian-files.ts'
import { md5sums, setModes, writeFile, writeGzipped } from './tree.ts'

/**
 * Makes evi's .deb with Debian's own dpkg-deb: the executable, completion, man pages and documentation. It has
 * no scripts, so nothing is left when it is removed. Returns its path.
 *
 * @throws Error where dpkg-deb is missing or refuses
 */
export function makeDeb({ architecture, executable, licences, directory }: DebOptions): string {
  const tree = mkdtempSync(join(tmpdir(), 'evi-deb-'))
  try {
    mkdirSync(join(tree, 'usr/bin'), { recursive: true })
    cpSync(executable, join(tree, 'usr/bin/evi'))
    addCompletion(tree)
    addManPages(tree)
    addDocumentation(tree, licences)
    writeFile(join(tree, 'usr/share/lintian/overrides/evi'), lintianOverrides)
    writeFile(join(tree, 'DEBIAN/md5sums'), md5sums(tree))
    writeFile(join(tree, 'DEBIAN/control'), control(tree, architecture))
    setModes(tree)
    const deb = join(directory, `evi_${manifest.version}_${architecture}.deb`)
    // Debian's default, xz, takes minutes on two busy cores, for a tenth of the size.
    const options = ['--root-owner-group', '-Zgzip', '-z6', '--build']
    execFileSync('dpkg-deb', [...options, tree, deb], { stdio: ['ignore', 'ignore', 'inherit'] })
    return deb
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

function addCompletion(tree: string): void {
  const files = {
    bash: 'usr/share/bash-completion/completions/evi',
    zsh: 'usr/share/zsh/vendor-completions/_evi',
    fish: 'usr/share/fish/vendor_completions.d/evi.fish',
  }
  for (const [shell, file] of Object.entries(files)) {
    const evi = [join(root, 'bin/run.js'), 'completion', shell]
    writeFile(join(tree, file), execFileSync(process.execPath, evi, { encoding: 'utf8' }))
  }
}

function addManPages(tree: string): void {
  const pages = join(root, 'dist/man')
  for (const name of readdirSync(pages))
    writeGzipped(join(tree, 'usr/share/man/man1', `${name}.gz`), readFileSync(join(pages, name)))
}

function addDocumentation(tree: string, licences: string): void {
  const documentation = join(tree, 'usr/share/doc/evi')
  for (const name of ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'])
    cpSync(join(root, name), join(documentation, name))
  cpSync(join(root, 'docs'), join(documentation, 'docs'), { recursive: true })
  cpSync(join(root, 'systemd'), join(documentation, 'examples/systemd'), { recursive: true })
  writeFile(join(documentation, 'copyright'), copyright())
  writeGzipped(join(documentation, 'LICENCES.txt.gz'), licences)
  writeGzipped(join(documentation, 'changelog.gz'), changelog())
}
