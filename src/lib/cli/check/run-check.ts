import type { Output } from '#lib/terminal/output.ts'
import { noStatus, statusLine } from '#lib/terminal/status-line.ts'
import { watchView } from '#lib/views/check/watch-view.ts'
import type { CheckInvocation } from './check-invocation.ts'
import { showLook } from './show-look.ts'
import { lookRepeatedly } from './watch.ts'

/** Checks the wiring once, or with --watch again and again, and shows each look. @returns the exit code of the last one */
export async function runCheck(invocation: CheckInvocation, out: Output): Promise<number> {
  const { watch } = invocation.flags
  if (watch !== undefined) return await watchWiring(invocation, { out, seconds: watch })
  return await showLook(invocation, { out, print: out.write, status: statusLine(process.stderr) })
}

interface Watching {
  readonly out: Output
  /** Between two looks. */
  readonly seconds: number
}

/** Shows each look when it has ended, in the place of the one before. */
async function watchWiring(invocation: CheckInvocation, { out, seconds }: Watching): Promise<number> {
  const view = watchView(process.stdout, out.style())
  const lookOnce = async () => {
    const texts: string[] = []
    const exit = await showLook(invocation, {
      out,
      print: (text) => texts.push(text),
      status: noStatus,
    })
    if (!invocation.flags.json) view.show(texts.join(''), new Date())
    return exit
  }
  const exit = await lookRepeatedly(lookOnce, seconds)
  view.end()
  return exit
}
