import { expect, test } from 'vitest'
import type { Draft, SearchQuestion, SetupPorts } from '#lib/services/setup/ports.ts'
import { chooseEvent } from '#lib/services/setup/route-steps.ts'

/** What the wizard says of an event that a person types. */
async function saidOf(event: string): Promise<readonly string[]> {
  const said: string[] = []
  const questions = {
    backKey: 'Esc',
    search: async (question: SearchQuestion<Draft>) => await question.accept(event),
    say: (_: string, sentence: string) => said.push(sentence),
  }
  await chooseEvent.ask({} as Draft, { questions } as unknown as SetupPorts)
  return said
}

test('an event that resembles one of OpenSIPS is doubted, and one that does not is not', async () => {
  expect(await saidOf('E_PIKE_BLOK')).toEqual([
    'OpenSIPS itself has no event E_PIKE_BLOK. Did you mean E_PIKE_BLOCKED? Esc takes another.',
  ])
  for (const event of ['E_PIKE_BLOCKED', 'E_SOMETHING_OF_MINE']) expect(await saidOf(event)).toEqual([])
})
