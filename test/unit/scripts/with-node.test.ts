import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import manifest from '../../../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../../..', import.meta.url))
const files = ['package.json', 'package-lock.json', 'scripts']
let clone: string

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'a clone '))
  for (const file of files) cpSync(join(root, file), join(clone, file), { recursive: true })
})

afterEach(() => rmSync(clone, { recursive: true }))

// For a Node that is too old, npm leaves out optional packages, such as the parser of the build.
test('npm chooses the packages for the Node of package.json, not for the older one of the machine', () => {
  const npm = `case $1 in
--version) echo 9.2.0 ;;
*) node -p 'process.version' > installed-for; mkdir -p node_modules/.bin; ln -s ${process.execPath} node_modules/.bin/node ;;
esac`
  expect(withNode(npm)).toEqual({
    status: 0,
    stdout: 'the script\n',
    stderr: expect.stringContaining('done'),
  })
  expect(readFileSync(join(clone, 'installed-for'), 'utf8')).toBe(`v${manifest.devDependencies.node}\n`)
})

test('an npm that is too old is named, with what to install', () => {
  expect(withNode('echo 8.5.1')).toEqual({
    status: 69,
    stdout: '',
    stderr:
      'npm 8.5.1 is too old: 9 or newer is needed. Install Node.js 22 or newer, which brings it: https://nodejs.org\n',
  })
})

/** Runs a script by it, with another npm and a Node that says that it is an older one. */
function withNode(npm: string) {
  const bin = join(clone, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'npm'), `#!/bin/sh\n${npm}\n`, { mode: 0o755 })
  const old = join(clone, 'old.cjs')
  writeFileSync(old, `Object.defineProperty(process, 'version', { value: 'v18.20.4', configurable: true })\n`)
  const { status, stdout, stderr } = spawnSync('sh', ['scripts/with-node.sh', '-p', '"the script"'], {
    cwd: clone,
    encoding: 'utf8',
    env: { PATH: `${bin}:${process.env.PATH}`, NODE_OPTIONS: `--require="${old}"` },
  })
  return { status, stdout, stderr }
}
