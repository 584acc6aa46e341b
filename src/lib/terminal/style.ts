/** Colours for one stream; each function returns the text as it is where there are none. */
export interface Style {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
}

const asIs = (text: string) => text
const plain: Style = { good: asIs, bad: asIs, warn: asIs, strong: asIs, faint: asIs }

/** Colour on a terminal only, and not where NO_COLOR is set (no-color.org); chalk is loaded only for it. */
export async function styleFor(
  stream: { isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Style> {
  if (!stream.isTTY || environment.NO_COLOR || environment.TERM === 'dumb') return plain
  const { Chalk } = await import('chalk')
  const chalk = new Chalk({ level: 1 })
  // One argument each, as chalk joins all it gets, `map`'s index too.
  return {
    good: (text) => chalk.green(text),
    bad: (text) => chalk.red(text),
    warn: (text) => chalk.yellow(text),
    strong: (text) => chalk.bold(text),
    faint: (text) => chalk.dim(text),
  }
}

/** How a step or a place on a wiring went, in one character. */
export function markOf(status: 'passed' | 'warning' | 'hidden' | 'unknown' | 'failed', style: Style): string {
  if (status === 'passed') return style.good('✔')
  if (status === 'failed') return style.bad('✖')
  return style.warn(status === 'warning' ? '!' : '?')
}
