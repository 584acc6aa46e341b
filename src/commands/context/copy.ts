import { BaseCommand } from '#lib/cli/base-command.ts'
import { contextArgument } from '#lib/cli/flags/shared/context.ts'
import { defaultContext } from '#lib/domain/context/context.ts'
import { findContext } from '#lib/services/contexts/find-context.ts'
import { renderContextCopied } from '#lib/views/contexts/render-contexts.ts'

export default class ContextCopy extends BaseCommand<typeof ContextCopy> {
  static override description =
    'make a context with the subscriptions, passwords, settings and TLS domains of another'
  static override examples = [
    `<%= config.bin %> context copy ${defaultContext} staging`,
    '<%= config.bin %> context copy staging production',
  ]

  static override args = {
    from: contextArgument(`name of the context to copy; ${defaultContext} is the one without a name`),
    to: contextArgument('name of the new context'),
  }

  async run(): Promise<void> {
    const { from, to } = this.args
    const store = await this.context.contexts()
    await store.copy(findContext(from, store, 'not-found'), to)
    await this.present({ from, to }, { json: (copied) => copied, text: renderContextCopied })
  }
}
