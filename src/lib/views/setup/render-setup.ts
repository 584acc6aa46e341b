import type { SetupCommand } from '#lib/services/setup/commands.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'

/** What is said before the first question. @param backKey goes back to the question before */
export function renderSetupStart(backKey: string, style: Style): string {
  const keys = [
    ['Enter', 'takes what is offered'],
    [backKey, 'goes back'],
    ['Ctrl-C', 'leaves'],
  ].map(([key = '', action = '']) => `${style.strong(key)} ${action}`)
  return `From a broker to the first event seen; nothing is stored before the end.\n${keys.join(', ')}.\n\n`
}

/** Commands ready to paste, each below a comment that says what it is for. */
export function renderSetupCommands(commands: readonly SetupCommand[], style: Style): string {
  return commands.map(({ line, about }) => `${style.faint(`# ${about}`)}\n${visibleLine(line)}\n`).join('')
}

/** What makes OpenSIPS send the event there. */
export function renderConfigLine(line: string): string {
  return `\nIn the startup_route of opensips.cfg, with the password of the user:\n\n  ${visibleLine(line)}\n\nThe whole block: evi export\n`
}
