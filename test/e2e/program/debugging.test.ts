import { expect, test } from 'vitest'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

useEvi()

// The executable has no source map beside it.
test.skipIf(process.env.EVI_PROGRAM)(
  'EVI_DEBUG=1 names the place in src/ where an error was made',
  async () => {
    const { stderr } = await evi.run(['raise', 'E_X', '--socket', 'rabbitmq'], {
      environment: { EVI_DEBUG: '1' },
    })
    expect(stderr).toMatch(/^ {4}at .*\(src\/lib\/domain\/socket\/parse-socket\.ts:\d+:\d+\)$/m)
    expect(stderr).not.toContain('evi.cjs')
  },
)

test('without EVI_DEBUG an error has no stack', async () => {
  const { stderr } = await evi.run(['raise', 'E_X', '--socket', 'rabbitmq'])
  expect(stderr).not.toMatch(/^ {4}at /m)
})
