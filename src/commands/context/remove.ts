import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { contextArgument } from '#lib/cli/flags/shared/context.ts'
import { EviError } from '#lib/errors.ts'
import { refuseRemoval } from '#lib/services/contexts/find-context.ts'
import { confirm } from '#lib/terminal/prompts/prompts.ts'
import { renderContextRemoved } from '#lib/views/contexts/render-contexts.ts'

export default class ContextRemove extends BaseCommand<typeof ContextRemove> {
  static override description =
    'remove a context with all that it has\n\n' +
    'Asks where it has subscriptions; where there is no terminal it wants --yes. ' +
    'The context that is in use cannot be removed.'
  static override examples = ['<%= config.bin %> context remove staging']

  static override args = { name: contextArgument('name of the context') }
  static override flags = { yes: Flags.boolean({ char: 'y', description: 'do not ask' }) }

  async run(): Promise<void> {
    const { name } = this.args
    const store = await this.context.contexts()
    refuseRemoval(name, store)
    if (!this.flags.yes) await this.confirm(name, store.directoryOf(name))
    await store.remove(name)
    await this.present(name, { json: () => ({ removed: name }), text: renderContextRemoved })
  }

  /** @throws EviError `usage` where there is no terminal to ask on, `interrupted` where the answer is no, `damaged` */
  private async confirm(name: string, directory: string): Promise<void> {
    const { length } = (await this.context.subscriptions({ name, directory })).live(new Date())
    if (length === 0) return
    const what = `${length} ${length === 1 ? 'subscription' : 'subscriptions'}`
    if (!this.mayAsk)
      throw new EviError('usage', `The context ${name} has ${what}, and there is no terminal to ask on.`, {
        hint: `Remove it without being asked: evi context remove ${name} --yes`,
      })
    if (!(await confirm(`Remove the context ${name} with ${what}?`)))
      throw new EviError('interrupted', 'Nothing was removed.')
  }
}
