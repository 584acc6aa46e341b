import { warnOfDoubtfulNames } from '#lib/cli/doubtful-names.ts'
import { checkSize, type ParamsInput, paramNames } from '#lib/domain/event/notification.ts'
import { templatedNotification } from '#lib/domain/event/templated-params.ts'
import { readInput } from '#lib/files/read-input.ts'
import type { RaiseInvocation } from './raise-invocation.ts'

export interface BuiltNotification {
  /** Byte for byte, the first where it is repeated. */
  readonly payload: string
  /** The notification by its number from 1. */
  readonly build: (n: number) => string
}

/**
 * Builds the notification of an event from the flags, and warns of names that are probably misspelt.
 *
 * @throws EviError `usage`, `data`, `no-input`
 */
export async function notificationOf(invocation: RaiseInvocation): Promise<BuiltNotification> {
  const { event, settings, err } = invocation
  const template = templatedNotification(event, await paramsInput(invocation))
  const values = { uuid: () => crypto.randomUUID(), now: () => new Date(), random: Math.random }
  const build = (n: number) => template({ n, ...values })
  const payload = build(1)
  checkSize(Buffer.byteLength(payload), settings.max_message)
  await warnOfDoubtfulNames({ events: [event], params: paramNames(payload) }, err)
  return { payload, build }
}

async function paramsInput({ event, flags }: RaiseInvocation): Promise<ParamsInput> {
  const { param: named = [], arg: unnamed = [], params, example } = flags
  if (example) {
    const { exampleParams } = await import('#lib/domain/event/example-params.ts')
    return { named: await exampleParams(event, named), unnamed: [], whole: undefined }
  }
  const file = params === '-' ? '-' : params?.startsWith('@') ? params.slice(1) : undefined
  const whole = file === undefined ? params : await readInput(file)
  return { named, unnamed, whole }
}
