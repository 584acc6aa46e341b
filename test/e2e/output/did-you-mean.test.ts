import { afterAll, beforeAll, expect, test } from 'vitest'
import { Evi } from '../../helpers/evi/evi.ts'

let evi: Evi
beforeAll(() => {
  evi = new Evi()
})
afterAll(() => evi.dispose())

test.each([
  [['raise', 'E_BILING_DONE'], 4],
  [['tail', 'E_BILING_DONE'], 4],
  [['check', 'E_BILING_DONE'], 4],
  [['declare', 'E_BILING_DONE'], 4],
  [['unsubscribe', 'E_BILING_DONE'], 4],
])('evi %j names the event of the store that was probably meant', async (argv, code) => {
  await evi.run(['subscribe', 'E_BILLING_DONE', 'rabbitmq:h/q'])
  const ended = await evi.run(argv)
  expect(ended).toMatchObject({ code, stderr: expect.stringContaining('  Did you mean E_BILLING_DONE?\n') })
})

test.each([
  [['tls-domian', 'list'], 'There is no command "tls-domian".', 'Did you mean: evi tls-domain list'],
  [['tls-domain', 'lst'], 'There is no command "tls-domain lst".', 'Did you mean: evi tls-domain list'],
  [['chekc', 'E_X'], 'There is no command "chekc".', 'Did you mean: evi check'],
  [['help', 'chekc'], 'There is no command "chekc".', 'Did you mean: evi check'],
  [
    ['raise', 'E_X', '--pram', 'a=b'],
    'Nonexistent flag: --pram.',
    'Did you mean --param? See: evi raise --help',
  ],
  [['list', '--jsn'], 'Nonexistent flag: --jsn.', 'Did you mean --json? See: evi list --help'],
  [['settings', 'heartbet', '5'], 'There is no setting "heartbet".', 'Did you mean heartbeat?'],
])('evi %j ends with 64 and names what was probably meant', async (argv, message, hint) => {
  expect(await evi.run(argv)).toMatchObject({ code: 64, stdout: '', stderr: `evi: ${message}\n  ${hint}\n` })
  const { stdout } = await evi.run([...argv, '--json'])
  expect(JSON.parse(stdout)).toEqual({ error: { code: 'usage', exit: 64, message, hint } })
})
