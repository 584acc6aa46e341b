import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** A file of a room, and what it must not import. */
const wrongArrows = [
  ['src/lib/text/probe.ts', '#lib/domain/settings.ts'],
  ['src/lib/async/probe.ts', '#lib/broker/broker.ts'],
  ['src/lib/domain/probe.ts', '#lib/services/raise/raise.ts'],
  ['src/lib/domain/socket/probe.ts', 'node:fs'],
  ['src/lib/domain/socket/probe.ts', '../settings.ts'],
  ['src/lib/files/probe.ts', '#lib/services/raise/raise.ts'],
  ['src/lib/services/raise/probe.ts', '#lib/broker/amqp-broker.ts'],
  ['src/lib/services/raise/probe.ts', '#lib/cli/flags/stream.ts'],
  ['src/lib/services/raise/probe.ts', '#lib/views/raise/render-raise.ts'],
  ['src/lib/broker/publish/probe.ts', '#lib/services/raise/raise.ts'],
  ['src/lib/management/probe.ts', 'amqplib'],
  ['src/lib/opensips/probe.ts', '#lib/broker/broker.ts'],
  ['src/lib/services/raise/probe.ts', '#lib/opensips/mi-client.ts'],
  ['src/lib/storage/probe.ts', '#lib/terminal/style.ts'],
  ['src/lib/terminal/probe.ts', '#lib/domain/settings.ts'],
  ['src/lib/views/raise/probe.ts', '#lib/broker/broker.ts'],
  ['src/lib/sandbox/probe.ts', '#lib/cli/context.ts'],
  ['src/lib/cli/probe.ts', '#lib/storage/lock.ts'],
  ['src/lib/cli/flags/probe.ts', 'amqplib'],
  ['src/commands/probe.ts', '#lib/broker/broker.ts'],
  ['src/commands/probe.ts', '../lib/broker/broker.ts'],
] as const

/** Those that must stay possible, so that the lint does not pass by forbidding everything. */
const rightArrows = [
  ['src/lib/domain/probe.ts', '#lib/text/layout/table.ts'],
  ['src/lib/services/raise/probe.ts', '#lib/broker/broker.ts'],
  ['src/lib/cli/context.ts', '#lib/storage/lock.ts'],
  ['src/commands/probe.ts', '#lib/services/raise/raise.ts'],
] as const

let directory: string
let refused: string

// One run over a copy of the layout, as a run for each takes a second on a busy machine.
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'evi-arrows-'))
  copyFileSync('biome.json', join(directory, 'biome.json'))
  for (const arrow of [...wrongArrows, ...rightArrows]) {
    const file = join(directory, probeOf(arrow))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `import * as probe from '${arrow[1]}'\nexport const probed = probe\n`)
  }
  const argv = [
    'lint',
    '--only=style/noRestrictedImports',
    '--vcs-enabled=false',
    '--max-diagnostics=none',
    '.',
  ]
  refused = spawnSync(resolve('node_modules/.bin/biome'), argv, { cwd: directory, encoding: 'utf8' }).stderr
})

afterAll(() => rmSync(directory, { recursive: true }))

test.for(wrongArrows)('the linter refuses that %s imports %s', (arrow) => {
  expect(refused).toContain(`${probeOf(arrow)}:`)
})

test.for(rightArrows)('the linter lets %s import %s', (arrow) => {
  expect(refused).not.toContain(`${probeOf(arrow)}:`)
})

/** A file of its own for each arrow, in the same room. */
function probeOf([file, specifier]: readonly [string, string]): string {
  const name = specifier.replace(/[^a-z]+/g, '-')
  return file.endsWith('probe.ts') ? file.replace('probe.ts', `probe${name}.ts`) : file
}
