import { allowDrawing } from '#lib/terminal/escape-guard.ts'
import { isPlain } from '#lib/terminal/marks.ts'

/** One line that comes and goes. */
export interface StatusLine {
  show(text: string): void
  clear(): void
}

export const noStatus: StatusLine = { show() {}, clear() {} }

/** Milliseconds; what ends sooner needs no status. */
const delay = 300

/** A line on a terminal that says what is waited for, from a moment on; elsewhere nothing. */
export function statusLine(stream: NodeJS.WriteStream): StatusLine {
  if (!stream.isTTY || isPlain(process.env)) return noStatus
  const due = performance.now() + delay
  let shown = false
  let text = ''
  const draw = () => {
    allowDrawing()
    shown = true
    stream.write(`\r${[...text].slice(0, Math.max(stream.columns - 1, 1)).join('')}\x1b[K`)
  }
  setTimeout(() => text !== '' && draw(), delay).unref()
  return {
    show: (next) => {
      text = next
      if (performance.now() >= due) draw()
    },
    clear: () => {
      text = ''
      if (shown) stream.write('\r\x1b[K')
      shown = false
    },
  }
}
