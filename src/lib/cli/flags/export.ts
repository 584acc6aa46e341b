import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'
import { EviError } from '#lib/errors.ts'

/** The flags of `evi export`, each checked. */
export const exportFlags = {
  for: Flags.string({
    description: 'version of OpenSIPS: 3.1 and earlier read another form than 3.2 and later',
    helpValue: 'VERSION',
    default: '3.2',
  }),
  mi: Flags.boolean({ description: 'print commands for the Management Interface instead' }),
  'with-passwords': Flags.boolean({
    description: 'write the passwords, too, into a file that only its owner can read',
    dependsOn: ['output'],
  }),
  output: Flags.string({
    description: 'write to a file; only one that evi export has written is replaced',
    helpValue: 'FILE',
    parse: async (file) => checkOutput(file),
  }),
}

export type ExportFlags = InferredFlags<typeof exportFlags>

function checkOutput(file: string): string {
  if (file !== '-') return file
  throw new EviError('usage', '--output names a file; without it all goes to standard output.')
}
