import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { brokerAddress } from '../../helpers/brokers/client.ts'
import { Evi } from '../../helpers/evi/evi.ts'
import { client, useClient } from '../../helpers/evi/fixtures.ts'

let queue: string
useClient()
beforeAll(async () => {
  queue = await client.queue()
})

/** What evi is to do, and how that ends; the queue GOOD is there, NONE is not. */
const works = [
  ['bench GOOD -n 10', 0],
  ['check -s NONE --json', 5],
  ['list', 0],
  ['map', 0],
  ['nonsense', 64],
  ['nonsense --json', 64],
  ['raise E_X -s GOOD --json', 0],
  ['raise E_X -s NONE', 5],
  ['subscribe E_X GOOD --check', 0],
  ['tail -s GOOD --peek', 0],
  // That it was stored shows here.
  ['unsubscribe E_X', 0],
] as const

// Without its standard input, evi reads nothing; without the others, what it says has no reader.
test.concurrent.each(['<&- >&- 2>&-', '2>&-', '> >(exec true)', '2> >(exec true)', '2>&1 | head -c 0'])(
  'every command does its work without a reader, and with its own exit code: %s',
  async (redirection) => {
    const evi = new Evi()
    try {
      const lines = works.map(([words]) => {
        const given = words
          .replace('GOOD', `${brokerAddress}/${queue}`)
          .replace('NONE', `${brokerAddress}/none-${queue}`)
        return `evi ${given} ${redirection}; echo "\${PIPESTATUS[0]}" >> "$EVI_CONFIG_DIR/codes"`
      })
      const { stderr } = await evi.shell(lines.join('\n'))
      expect(stderr).not.toMatch(/\n\s+at |node:internal/)
      const codes = readFileSync(join(evi.configDirectory, 'codes'), 'utf8').trim().split('\n').map(Number)
      expect(works.map(([words], index) => [words, codes[index]])).toEqual(works)
    } finally {
      await evi.dispose()
    }
  },
)
