import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'

/**
 * Writes a file as a whole, and has it on the disk.
 *
 * @param options.flags `wx` where there must be none yet, `w` where it is replaced
 * @throws Node's system errors, ENOSPC for what a full disk did not take
 */
export function writeWhole(
  path: string,
  bytes: Uint8Array,
  { flags, mode }: { readonly flags: 'w' | 'wx'; readonly mode: number },
): void {
  const file = openSync(path, flags, mode)
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
