import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { textArgument } from '#lib/cli/flags/shared/common.ts'
import {
  findTlsDomain,
  refuseUsed,
  removeTlsDomain,
  usersOf,
} from '#lib/services/subscriptions/tls-domains.ts'
import { renderTlsDomainRemoved } from '#lib/views/subscriptions/render-tls-domains.ts'

export default class TlsDomainRemove extends BaseCommand<typeof TlsDomainRemove> {
  static override description = 'remove a TLS domain that no subscription needs'
  static override examples = ['<%= config.bin %> tls-domain remove office']

  static override args = { name: textArgument({ description: 'name of the domain', required: true }) }

  static override flags = {
    force: Flags.boolean({ description: 'remove it even if a subscription needs it' }),
  }

  async run(): Promise<void> {
    // Read first, so that a damaged store of theirs ends it before anything is removed.
    const users = usersOf(this.args.name, (await this.context.subscriptions()).live(new Date()))
    const domains = await this.context.tlsDomains()
    const { name } = findTlsDomain(this.args.name, domains.all())
    if (!this.flags.force) refuseUsed(name, users)
    await removeTlsDomain(name, domains)
    await this.present(name, {
      json: () => ({ removed: name, usedBy: users.map(({ event }) => event) }),
      text: (_, style) => renderTlsDomainRemoved(name, users, style),
    })
  }
}
