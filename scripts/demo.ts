// `npm run demo`: the manual's example on a real RabbitMQ that is gone afterwards.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { passInterrupts } from '#lib/cli/process/signals.ts'
import { show, start } from './evi.ts'
import { buildIfStale, ensureRabbitmq } from './prepare.ts'

if (!ensureRabbitmq() || !buildIfStale()) process.exit(1)

const configDirectory = mkdtempSync(join(tmpdir(), 'evi-demo-'))
show('sandbox')
const env = { ...process.env, EVI_CONFIG_DIR: configDirectory }
// An interrupted sandbox tidies up and ends; this waits for it.
passInterrupts((signal) => child.kill(signal))
const { child, ended } = start(['sandbox', '--', process.execPath, 'scripts/demo-scene.ts'], { env })
process.exitCode = await ended
rmSync(configDirectory, { recursive: true })
