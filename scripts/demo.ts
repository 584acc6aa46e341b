// `npm run demo`: the manual's example on a real RabbitMQ that is gone afterwards.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { passInterruptsTo } from '../src/lib/terminal/interrupt.ts'
import { show, start } from './evi.ts'
import { buildIfStale, ensureRabbitmq } from './prepare.ts'

if (!ensureRabbitmq() || !buildIfStale()) process.exit(1)

const configDirectory = mkdtempSync(join(tmpdir(), 'evi-demo-'))
show('sandbox')
const env = { ...process.env, EVI_CONFIG_DIR: configDirectory }
const { child, ended } = start(['sandbox', '--', process.execPath, 'scripts/demo-scene.ts'], { env })
// An interrupted sandbox tidies up and ends; this waits for it.
passInterruptsTo(child)
process.exitCode = await ended
rmSync(configDirectory, { recursive: true })
