import { type Context, timingOf } from '#lib/cli/context.ts'
import type { ImportFlags } from '#lib/cli/flags/import.ts'
import { filterCommand } from '#lib/cli/process/filter-command.ts'
import { readDefinitions } from '#lib/domain/opensips/config/definitions.ts'
import type { Reading } from '#lib/domain/opensips/reading.ts'
import { EviError } from '#lib/errors.ts'
import { includeOpener, openConfig } from '#lib/files/config-files.ts'
import { readConfigFile } from '#lib/services/import/read-config-file.ts'
import { WaitingLine } from '#lib/terminal/waiting-line.ts'
import { openSipsWaitedFor } from '#lib/views/waited-for.ts'

/**
 * Reads what is to be taken over, from a configuration file or from a running OpenSIPS.
 *
 * @param file `-` for standard input, undefined for the running one
 * @throws EviError `usage`, `no-input`, and what kept evi from asking OpenSIPS
 */
export async function readSource(
  file: string | undefined,
  flags: ImportFlags,
  context: Context,
): Promise<Reading> {
  if (file === undefined) return await askOpenSips(flags, context)
  if (flags.opensips !== undefined) throw new EviError('usage', 'A FILE cannot be used with --opensips.')
  const { preprocess, define = [] } = flags
  const defined = readDefinitions(define)
  return await readConfigFile({
    main: await openConfig(file),
    openInclude: includeOpener(),
    defined,
    preprocess: preprocess === undefined ? undefined : (input) => filterCommand(preprocess, input),
  })
}

async function askOpenSips(flags: ImportFlags, context: Context): Promise<Reading> {
  const timing = timingOf(await context.settings({}))
  const openSips = await context.openSips(flags.opensips, timing)
  if (openSips === undefined) {
    throw new EviError('usage', 'Give the FILE to read, or the address of a running OpenSIPS.', {
      hint: 'evi import /etc/opensips/opensips.cfg, or evi import --opensips http://HOST:8888/mi',
    })
  }
  const { readOpenSips } = await import('#lib/services/opensips/read-opensips.ts')
  const live = (await context.subscriptions()).live(new Date())
  const { AskingProgress } = await import('#lib/views/opensips/asking-progress.ts')
  const known = live.map(({ socket }) => socket)
  using waiting = new WaitingLine(flags)
  waiting.start(() => openSipsWaitedFor(openSips, timing.replyTimeout))
  return await readOpenSips(openSips, { known, listener: new AskingProgress(waiting) })
}
