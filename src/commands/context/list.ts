import { BaseCommand } from '#lib/cli/base-command.ts'
import { EviError } from '#lib/errors.ts'
import { type ContextSummary, renderContexts } from '#lib/views/contexts/render-contexts.ts'

export default class ContextList extends BaseCommand<typeof ContextList> {
  static override description = 'list the contexts, and which of them commands work in'
  static override examples = ['<%= config.bin %> context list']

  async run(): Promise<void> {
    const current = await this.current()
    const store = await this.context.contexts()
    const contexts = await Promise.all(
      store.names().map(async (name): Promise<ContextSummary> => {
        const subscriptions = await this.count(name, store.directoryOf(name))
        return { name, current: name === current, subscriptions }
      }),
    )
    await this.present(contexts, { json: () => ({ contexts }), text: renderContexts })
  }

  /** Undefined where what is chosen is no context: the list is what helps then. */
  private async current(): Promise<string | undefined> {
    try {
      return (await this.context.chosen()).name
    } catch (error) {
      if (!(error instanceof EviError)) throw error
      this.err.write(`${error.message}\n`)
      return undefined
    }
  }

  /** A context with a damaged file is no reason not to list the others. */
  private async count(name: string, directory: string): Promise<number | null> {
    try {
      return (await this.context.subscriptions({ name, directory })).live(new Date()).length
    } catch (error) {
      if (!(error instanceof EviError)) throw error
      return null
    }
  }
}
