// `npm run demo`: the manual's example on a real RabbitMQ that is gone afterwards.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { passInterrupts } from '#lib/cli/process/signals.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { buildIfStale, ensureRabbitmq, root } from '../prepare.ts'
import { show, start } from './evi.ts'

if (!ensureRabbitmq() || !buildIfStale()) process.exit(1)

const configDirectory = mkdtempSync(join(tmpdir(), 'evi-demo-'))
show('sandbox', '--management')
const env = { ...process.env, EVI_CONFIG_DIR: configDirectory }
// An interrupted sandbox tidies up and ends; this waits for it.
passInterrupts((signal) => child.kill(signal))
const scene = [process.execPath, 'scripts/docs/demo-scene.ts']
const { child, ended } = start(['sandbox', '--management', '--', ...scene], { env })
process.exitCode = await ended
rmSync(configDirectory, { recursive: true })
if (process.exitCode === 0) process.stdout.write(nextSteps(root))

function nextSteps(directory: string): string {
  const programs = shellWord(join(directory, 'node_modules/.bin'))
  // The shell reads the alias, and then what it stands for.
  const evi = shellWord(shellWord(join(directory, 'bin/run.js')))
  return `
That was evi, on a RabbitMQ that is gone again. Next, in this shell:

  export PATH=${programs}:"$PATH"
  alias evi=${evi}
  evi setup   # the same with your broker or a sandbox, question by question
  evi         # all commands

Installed for good: docs/install.md
`
}
