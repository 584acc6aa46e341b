/** Colours for one stream; each function returns the text as it is where there are none. */
export interface Style {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
}

const plain: Style = { good: String, bad: String, strong: String, faint: String }

/** Colour on a terminal only, and not where NO_COLOR is set (no-color.org); chalk is loaded only for it. */
export async function styleFor(
  stream: { isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Style> {
  if (!stream.isTTY || environment.NO_COLOR || environment.TERM === 'dumb') return plain
  const { Chalk } = await import('chalk')
  const chalk = new Chalk({ level: 1 })
  return { good: chalk.green, bad: chalk.red, strong: chalk.bold, faint: chalk.dim }
}
