type Environment = Readonly<Record<string, string | undefined>>

/** The characters that evi draws with, beside letters. */
export interface Marks {
  readonly ok: string
  readonly failed: string
  readonly warning: string
  readonly unknown: string
  /** Nothing has changed about this one. */
  readonly same: string
  readonly note: string
  /** There is more, or it goes on. */
  readonly more: string
  readonly arrow: string
  /** Of a tree: a child, the last child, and what passes by a child's own children. */
  readonly branch: string
  readonly lastBranch: string
  readonly trunk: string
  /** The cells of a bar, from the thinnest to the full one, and an empty one. */
  readonly cells: readonly [string, ...string[]]
  readonly empty: string
  /** Of a list that an answer is chosen from: before the choice that is pointed at. */
  readonly pointer: string
  readonly keys: { readonly upDown: string; readonly enter: string }
  /** What turns while an answer is checked. */
  readonly spinner: readonly string[]
}

const symbols: Marks = {
  ok: '✔',
  failed: '✖',
  warning: '!',
  unknown: '?',
  same: '=',
  note: '·',
  more: '…',
  arrow: '→',
  branch: '├─',
  lastBranch: '└─',
  trunk: '│ ',
  cells: ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
  empty: '░',
  pointer: '❯',
  keys: { upDown: '↑↓', enter: '⏎' },
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
}

/** The same in ASCII, the marks as words, which a screen reader reads out. */
const words: Marks = {
  ok: '[ok]',
  failed: '[failed]',
  warning: '[warning]',
  unknown: '[unknown]',
  same: '[same]',
  note: '-',
  more: '...',
  arrow: '->',
  branch: '|-',
  lastBranch: '`-',
  trunk: '| ',
  cells: ['#'],
  empty: '.',
  pointer: '>',
  keys: { upDown: 'up/down', enter: 'enter' },
  spinner: ['-', '\\', '|', '/'],
}

/** Symbols, but words where the locale has no UTF-8, on a terminal that can only print, and by EVI_ACCESSIBLE. */
export function marksFor(environment: Environment): Marks {
  return isPlain(environment) || !hasUtf8(environment) ? words : symbols
}

/** Whether a terminal gets nothing but lines: no cursor movements, no lists that are drawn again. */
export function isPlain({ TERM, EVI_ACCESSIBLE }: Environment): boolean {
  return TERM === 'dumb' || Boolean(EVI_ACCESSIBLE)
}

/** As POSIX has it; where no locale is set, as in containers, the terminal is taken for one of today. */
function hasUtf8({ LC_ALL, LC_CTYPE, LANG }: Environment): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG
  return locale === undefined || locale === '' || /utf-?8/i.test(locale)
}
