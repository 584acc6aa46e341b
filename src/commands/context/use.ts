import { BaseCommand } from '#lib/cli/base-command.ts'
import { contextArgument } from '#lib/cli/flags/shared/context.ts'
import { defaultContext } from '#lib/domain/context/context.ts'
import { contextVariable } from '#lib/services/contexts/choose-context.ts'
import { findContext } from '#lib/services/contexts/find-context.ts'
import { renderContextUsed } from '#lib/views/contexts/render-contexts.ts'

export default class ContextUse extends BaseCommand<typeof ContextUse> {
  static override description = 'choose the context that all commands without --context work in'
  static override examples = [
    '<%= config.bin %> context use staging',
    `<%= config.bin %> context use ${defaultContext}`,
  ]

  static override args = { name: contextArgument(`name of the context; ${defaultContext} is always there`) }

  async run(): Promise<void> {
    const { name } = this.args
    const store = await this.context.contexts()
    await store.use(findContext(name, store, 'not-found'))
    const variable = this.context.environment[contextVariable]
    await this.present(name, {
      json: () => ({ used: name }),
      text: (_, style) => renderContextUsed(name, variable, style),
    })
  }
}
