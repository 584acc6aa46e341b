import { execFileSync, spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { version } from '#lib/version.ts'
import { deb } from './files.ts'

test('lintian finds no fault in the .deb', (context) => {
  if (spawnSync('lintian', ['--version']).status !== 0) context.skip('lintian is not installed.')
  const { stdout, status } = spawnSync('lintian', ['--fail-on', 'error,warning', deb], { encoding: 'utf8' })
  // The default maker of the package has no address: DEBEMAIL gives one.
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
})

test('the .deb has what a package of Debian has, for its root only to change', () => {
  const listed = execFileSync('dpkg-deb', ['--contents', deb], { encoding: 'utf8' }).trim().split('\n')
  const modes = listed
    .map((line) => line.split(/\s+/))
    .map(([mode, owner, , , , name]) => `${mode} ${owner} ${name}`)
  for (const file of [
    'usr/bin/evi',
    'usr/share/bash-completion/completions/evi',
    'usr/share/zsh/vendor-completions/_evi',
    'usr/share/fish/vendor_completions.d/evi.fish',
    'usr/share/doc/evi/copyright',
    'usr/share/doc/evi/LICENCES.txt.gz',
    'usr/share/doc/evi/docs/install.md',
    'usr/share/doc/evi/examples/systemd/evi-tail.service',
    'usr/share/man/man1/evi-tail.1.gz',
  ])
    expect(modes).toContain(`${file === 'usr/bin/evi' ? '-rwxr-xr-x' : '-rw-r--r--'} root/root ./${file}`)
  expect(modes.filter((line) => !/^(?:drwxr-xr-x|-rw-r--r--|-rwxr-xr-x) root\/root \.\//.test(line))).toEqual(
    [],
  )
  expect(execFileSync('dpkg-deb', ['--field', deb, 'Version'], { encoding: 'utf8' })).toBe(`${version}\n`)
})
