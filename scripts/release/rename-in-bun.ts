/**
 * Texts in bun's executable, and what stands in evi's: bun runs evi, and has no flag for either of these.
 *
 * - Variables for bun are not for evi: BUN_OPTIONS=--version would end each evi, BUN_OPTIONS=--preload would run a file
 *   in it, and BUN_INSPECT would open a port to debug it.
 * - A crash is reported to evi, which knows whether bun is to blame, and says that it may be the missing /proc.
 */
const replacements: Readonly<Record<string, string>> = {
  // No shell sets a variable with "$" in its name, and JavaScript in bun takes it for a name.
  BUN_OPTIONS: '$UN_OPTIONS',
  BUN_BE_BUN: '$UN_BE_BUN',
  BUN_INSPECT: '$UN_INSPECT',
  'Bun has crashed. This indicates a bug in Bun, not your code.':
    'evi has crashed. If /proc is mounted, this is a bug in evi.',
  'Bun has run out of memory.': 'evi has run out of memory.',
  "To send a redacted crash report to Bun's team,": 'Report all of this to evi, not to bun.',
  'please file a GitHub issue using the link below:': 'Without /proc: mount -t proc proc /proc',
  'https://bun.report': "evi's crash trace:",
}

/**
 * Returns bun's executable with evi's texts in it. A shorter one is filled with blanks, as nothing may move.
 *
 * @throws Error when one of bun's texts is not there: then this bun is another one than it was written for
 */
export function renameInBun(executable: Buffer): Buffer {
  const renamed = Buffer.from(executable)
  for (const [own, ours] of Object.entries(replacements)) {
    const places = placesOf(renamed, own)
    if (places.length === 0)
      throw new Error(`This bun does not have the text "${own}": see scripts/release/rename-in-bun.ts`)
    for (const place of places) renamed.write(ours.padEnd(own.length), place, 'latin1')
  }
  return renamed
}

function placesOf(bytes: Buffer, text: string): readonly number[] {
  const places = []
  for (let place = bytes.indexOf(text); place >= 0; place = bytes.indexOf(text, place + text.length))
    places.push(place)
  return places
}
