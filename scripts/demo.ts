// `npm run demo`: the manual's example on a real RabbitMQ that is gone afterwards.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { show, start } from './evi.ts'
import { buildIfStale, ensureRabbitmq } from './prepare.ts'

if (!ensureRabbitmq() || !buildIfStale()) process.exit(1)

// Ctrl-C reaches the sandbox, too, which tidies up and ends; this waits for it.
process.on('SIGINT', () => {})
const configDirectory = mkdtempSync(join(tmpdir(), 'evi-demo-'))
show('sandbox')
const env = { ...process.env, EVI_CONFIG_DIR: configDirectory }
process.exitCode = await start(['sandbox', '--', process.execPath, 'scripts/demo-scene.ts'], { env }).ended
rmSync(configDirectory, { recursive: true })
