import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const { EVI_PROGRAM: executable } = process.env

/** What starts evi, before its words: the build on this Node, or the executable that EVI_PROGRAM names. */
export const program: readonly [string, ...string[]] = executable
  ? [resolve(executable)]
  : [process.execPath, fileURLToPath(new URL('../../../bin/run.js', import.meta.url))]
