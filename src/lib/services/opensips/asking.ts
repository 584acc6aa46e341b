import { sideBySide } from '#lib/async/side-by-side.ts'
import type { OpenSips } from '#lib/opensips/opensips.ts'

/** Gets how far evi is with asking OpenSIPS for each of many subscribers, which takes a request for each at least. */
export interface AskingListener {
  /** @param total subscribers to ask for */
  onStart(total: number): Promise<void>
  onDone(): void
  /** Also after a failure. */
  onEnd(): void
}

/** Asks for each item, as many at once as the way to OpenSIPS takes. @returns what each came to, in order */
export async function askForEach<T, R>(
  items: readonly T[],
  ask: (item: T) => Promise<R>,
  { openSips, listener }: { readonly openSips: OpenSips; readonly listener: AskingListener },
): Promise<readonly R[]> {
  await listener.onStart(items.length)
  try {
    return await sideBySide(items, openSips.mostAtOnce, async (item) => {
      const result = await ask(item)
      listener.onDone()
      return result
    })
  } finally {
    listener.onEnd()
  }
}
