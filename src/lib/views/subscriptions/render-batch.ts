import type { PasswordOutcome, Subscribed } from '#lib/services/subscriptions/subscribe.ts'
import type { Style } from '#lib/terminal/style.ts'
import { count } from '#lib/text/numbers/thousands.ts'

interface Passwords {
  readonly kept: number
  readonly changed: number
  readonly given: number
  readonly defaulted: number
}

/** What `evi subscribe --batch` says. */
export const batchView = {
  json: ({ subscribed }: Batch) => batchDocument(subscribed),
  text: ({ subscribed, onlyForNew }: Batch, style: Style) =>
    renderSubscribedMany(subscribed, { onlyForNew }, style),
}

interface Batch {
  readonly subscribed: readonly Subscribed[]
  /** The password of the flags was for new subscriptions only. */
  readonly onlyForNew: boolean
}

function renderSubscribedMany(
  subscribed: readonly Subscribed[],
  { onlyForNew }: { readonly onlyForNew: boolean },
  style: Style,
): string {
  const { added, renewed, passwords } = batchDocument(subscribed)
  const counts = Object.entries(passwords).flatMap(([outcome, number]) =>
    number > 0 ? `${count(number)} ${outcome}` : [],
  )
  const about = counts.length > 0 ? ` Passwords: ${counts.join(', ')}.` : ''
  const hint =
    onlyForNew && passwords.kept > 0
      ? '  The given password is for new subscriptions; for all whose lines name none: --set-passwords\n'
      : ''
  return `${style.marks.ok} ${count(added)} added, ${count(renewed)} renewed.${about}\n${hint}`
}

function batchDocument(subscribed: readonly Subscribed[]): {
  added: number
  renewed: number
  passwords: Passwords
} {
  const renewed = subscribed.filter((one) => one.renewed).length
  const number = (outcome: PasswordOutcome) =>
    subscribed.filter(({ password }) => password === outcome).length
  return {
    added: subscribed.length - renewed,
    renewed,
    passwords: {
      kept: number('kept'),
      changed: number('changed'),
      given: number('given'),
      defaulted: number('defaulted'),
    },
  }
}
