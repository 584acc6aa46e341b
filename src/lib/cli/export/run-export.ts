import type { Context } from '#lib/cli/context.ts'
import type { ExportFlags } from '#lib/cli/flags/export.ts'
import { exportMark } from '#lib/domain/opensips/config-block.ts'
import { readVersion } from '#lib/domain/opensips/version.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { writeTextFile } from '#lib/files/written-file.ts'
import { type ExportReport, exportSubscriptions } from '#lib/services/export/export-subscriptions.ts'
import { requireSubscribers } from '#lib/services/subscriptions/select-sockets.ts'

/** Exports the subscriptions of an event, or all, to the file of --output where one is named. @throws EviError `usage`, `no-subscriber`, `cannot-write` */
export async function runExport(
  event: string | undefined,
  flags: ExportFlags,
  context: Context,
): Promise<ExportReport> {
  const { mi, output: file, 'with-passwords': withPasswords } = flags
  const version = readVersion('--for', flags.for)
  const report = exportSubscriptions({
    subscriptions: await subscriptionsOf(event, context),
    version,
    mi,
    withPasswords,
    settings: (await context.storedSettings()).read(),
    tlsDomains: (await context.tlsDomains()).all(),
    passwords: context.passwords,
  })
  if (report.text !== null && file !== undefined)
    writeTextFile(file, report.text, { mark: exportMark, mode: withPasswords ? 0o600 : 0o644 })
  return report
}

async function subscriptionsOf(
  event: string | undefined,
  context: Context,
): Promise<readonly Subscription[]> {
  const store = await context.subscriptions()
  const now = new Date()
  const subscriptions = event === undefined ? store.live(now) : store.liveOf(event, now)
  requireSubscribers(
    subscriptions.map(({ socket }) => socket),
    event === undefined ? [] : [event],
  )
  return subscriptions
}
