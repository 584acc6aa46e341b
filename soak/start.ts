import { EviError } from '../src/lib/errors.ts'

const attempts = 4

/** Starts nodes; again where one is not up in time, as on a machine that has much else to do. @throws EviError */
export async function startPatiently(start: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start()
    } catch (error) {
      if (!(error instanceof EviError) || attempt === attempts) throw error
    }
  }
}
