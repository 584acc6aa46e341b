import type { Draft, SetupPorts } from '#lib/services/setup/ports.ts'
import { unsubscribe } from '#lib/services/subscriptions/unsubscribe.ts'
import { tail } from '#lib/services/tail/tail.ts'
import { TailSession } from '#lib/services/tail/tail-session.ts'
import type { Output } from '#lib/terminal/output.ts'
import { textRenderer } from '#lib/views/tail/render-message.ts'
import { SourceLabels } from '#lib/views/tail/source-labels.ts'
import { TailDisplay } from '#lib/views/tail/tail-display.ts'
import type { WizardSandbox } from './wizard-sandbox.ts'

interface WatchedSandbox {
  readonly interrupted: AbortSignal
  readonly sandbox: WizardSandbox
  readonly ports: SetupPorts
  readonly out: Output
  readonly err: Output
}

/**
 * Watches the wizard's sandbox, which would lose events without a queue, until the interrupt; its subscription ends with it.
 *
 * @throws EviError why the sandbox ended by itself
 */
export async function watchSandbox({ event, socket }: Draft, watched: WatchedSandbox): Promise<void> {
  const { interrupted, sandbox, ports, out, err } = watched
  err.write('\nThe sandbox is watched from here until Ctrl-C; raise more from another terminal.\n')
  const session = new TailSession({ interrupted })
  const display = new TailDisplay({
    session,
    render: textRenderer(out.style()),
    style: err.style(),
    labels: new SourceLabels([socket]),
    sources: [],
  })
  const gone = new AbortController()
  const { running } = sandbox
  running?.ended.then(() => gone.abort())
  const request = {
    sockets: [{ socket, events: [event] }],
    bindingKey: undefined,
    strict: true,
    findManagement: async () => undefined,
    timing: ports.timing,
    signal: AbortSignal.any([session.signal, gone.signal]),
    listener: display,
  }
  try {
    await tail(request, await ports.broker([]))
  } finally {
    await unsubscribe({ event, target: { socket }, now: new Date() }, ports.subscriptions)
    err.write('The sandbox and its subscription are gone.\n')
  }
  if (!interrupted.aborted) throw running?.failure()
}
