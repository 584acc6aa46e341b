import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Plugin } from '@oclif/core'
import { settings } from '@oclif/core/settings'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('oclif.manifest.json has the commands as the sources have them', async () => {
  expect(read('oclif.manifest.json'), 'To renew it: npm run build').toEqual(await manifestOfSources())
})

/** What `oclif manifest` writes. */
async function manifestOfSources(): Promise<unknown> {
  settings.enableAutoTranspile = false
  const plugin = new Plugin({
    root,
    isRoot: true,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
    pjson: read('package.json'),
  })
  await plugin.load()
  return JSON.parse(JSON.stringify(plugin.manifest))
}

function read(file: string) {
  return JSON.parse(readFileSync(`${root}/${file}`, 'utf8'))
}
