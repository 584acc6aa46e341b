import { type Context, timingOf } from '#lib/cli/context.ts'
import { readTlsFiles } from '#lib/files/read-input.ts'
import type { SandboxStarter, SetupPorts } from '#lib/services/setup/ports.ts'
import { questionsOn } from '#lib/terminal/prompts/questions.ts'
import type { Style } from '#lib/terminal/style.ts'

interface SetupOptions {
  readonly flags: { readonly management?: readonly URL[] | undefined; readonly opensips?: string | undefined }
  readonly context: Context
  readonly sandbox: SandboxStarter
  /** Of stderr, where the questions are. */
  readonly style: Style
}

/** What the wizard works with. @throws EviError `usage` for an address that is none */
export async function setupPorts({ flags, context, sandbox, style }: SetupOptions): Promise<SetupPorts> {
  const timing = timingOf(await context.settings({}))
  return {
    questions: await questionsOn({ input: process.stdin, output: process.stderr }, style),
    broker: (newTlsDomains) => context.broker(newTlsDomains),
    timing,
    subscriptions: await context.subscriptions(),
    tlsDomains: await context.tlsDomains(),
    readTlsFiles,
    sandbox,
    managementUrl: flags.management?.[0] ?? (await context.managementSetting()),
    management: (url, socket, replyTimeout) => context.managementOpener(replyTimeout)(url, socket),
    openSips: await context.openSips(flags.opensips, timing),
  }
}
