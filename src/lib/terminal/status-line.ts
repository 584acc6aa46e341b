import { allowDrawing } from './escape-guard.ts'
import { isPlain } from './marks.ts'

/** One line that comes and goes. */
export interface StatusLine {
  show(text: string): void
  clear(): void
}

export const noStatus: StatusLine = { show() {}, clear() {} }

/**
 * A line on a terminal that says what is waited for, from a moment on; elsewhere nothing.
 *
 * @param delay milliseconds; what ends sooner needs no status
 */
export function statusLine(stream: NodeJS.WriteStream, delay = 300): StatusLine {
  if (!stream.isTTY || isPlain(process.env)) return noStatus
  const due = performance.now() + delay
  let shown = false
  let text = ''
  const draw = () => {
    allowDrawing()
    // Before what is said of a Ctrl-C, which the terminal shows behind the line.
    if (!shown) process.prependListener('SIGINT', clear)
    shown = true
    stream.write(`\r${[...text].slice(0, Math.max(stream.columns - 1, 1)).join('')}\x1b[K`)
  }
  const clear = () => {
    text = ''
    if (shown) stream.write('\r\x1b[K')
    shown = false
    process.off('SIGINT', clear)
  }
  setTimeout(() => text !== '' && !shown && draw(), delay).unref()
  return {
    show: (next) => {
      text = next
      if (performance.now() >= due) draw()
    },
    clear,
  }
}
