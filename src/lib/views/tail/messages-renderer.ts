import type { Output } from '#lib/terminal/output.ts'
import { type MessagesRenderer, rawRenderer, renderJsonMessages, textRenderer } from './render-message.ts'

interface Look {
  readonly json: boolean
  readonly raw: boolean
  /** Whether lines are whole on a terminal, however long. */
  readonly full: boolean
  /** A line for each event, with placeholders. */
  readonly format?: string | undefined
}

/** How messages are shown on `out`. @throws EviError `usage` for a bad format */
export async function messagesRenderer(
  { json, raw, full, format }: Look,
  { out, err }: { readonly out: Output; readonly err: Output },
): Promise<MessagesRenderer> {
  if (json) return renderJsonMessages
  if (format !== undefined) {
    const { formatRenderer } = await import('./format-messages.ts')
    return formatRenderer(format)
  }
  if (raw) return rawRenderer(process.stdout.isTTY)
  const render = textRenderer(out.style())
  if (full || !process.stdout.isTTY) return render
  const { terminalRenderer } = await import('./terminal-renderer.ts')
  const hint = 'Long lines are cut: --full prints them whole.'
  return terminalRenderer(render, {
    columns: () => process.stdout.columns,
    more: out.style().marks.more,
    onCut: () => err.write(`${err.style().faint(hint)}\n`),
  })
}
