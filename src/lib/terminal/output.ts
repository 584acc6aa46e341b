import { once } from 'node:events'

/** Writes data to stdout; resolves when there is room for more. */
export async function writeOut(data: string | Buffer): Promise<void> {
  if (!process.stdout.write(data)) await once(process.stdout, 'drain')
}
