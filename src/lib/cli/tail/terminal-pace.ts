import type { TailFlags } from '#lib/cli/flags/tail.ts'
import type { Output } from '#lib/terminal/output.ts'
import type { TerminalPace } from '#lib/views/tail/terminal-pace.ts'

/** How fast events are shown: slowed down only on a terminal, and not where a number of events was asked for. */
export async function terminalPace(
  { full, json, raw, peek, count, last = 0 }: TailFlags,
  err: Output,
): Promise<TerminalPace | undefined> {
  if (!process.stdout.isTTY || full || json || raw || peek || count !== undefined) return undefined
  const { TerminalPace } = await import('#lib/views/tail/terminal-pace.ts')
  const style = err.style()
  return new TerminalPace({
    extra: last,
    more: style.marks.more,
    say: (line) => err.write(`${style.faint(line)}\n`),
  })
}
