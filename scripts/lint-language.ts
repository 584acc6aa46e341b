// Refuses the words that docs/style.md bans, in names, texts, comments and documents: `npm run lint`.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What is banned, and what to write instead. */
const banned: readonly (readonly [word: RegExp, instead: string])[] = [
  [/\b(?:nobody|somebody|anybody|whoever)\b/i, 'say who, or what is not there'],
  [/\bshall\b/i, 'use the present tense'],
  [/\b(?:meanwhile|farewell)\b/i, 'say when, or what ends'],
  [/\bpatience\b/i, 'timeout, retry budget'],
  [/\btold\b|\btells?\b/i, 'says, reports, shows'],
  [/\bunless given\b/i, 'default: …'],
  [/\bon (?:its|their) way\b/i, 'in flight'],
  [
    /\b(?:mayPass|isLasting|letIn|lostMeanwhile|tapped)\b/,
    'transient, permanent, loggedIn, connectionLost, consumed',
  ],
  [
    /culprit|\bsuspects?\b|unsettled|onTheWay|setback/i,
    'poison message, unconfirmed, in flight, retry budget',
  ],
  [/\b(?:exclude each other|do not go together)\b/, '--a cannot be used with --b'],
  [/\bSPEC \d/, 'name a file of docs/'],
  [/[‘’]/, "the apostrophe '"],
]

const files = [
  'src/**/*.ts',
  'scripts/**/*.{ts,mjs,sh}',
  'bench/**/*.ts',
  'soak/**/*.ts',
  'test/**/*.ts',
  'bin/*',
  '*.md',
  'docs/**/*.md',
]
/** The rules themselves, what is quoted from others, and what is written by a program. */
const exempt =
  /^(?:scripts\/lint-language\.ts|test\/unit\/house\/language\.test\.ts|docs\/style\.md|CHANGELOG\.md|docs\/benchmarks\.md)$/

export interface BannedWord {
  readonly line: number
  readonly word: string
  readonly instead: string
}

/** The banned words of a text, in its order; lines count from 1. */
export function bannedWords(text: string): BannedWord[] {
  return text.split('\n').flatMap((content, index) =>
    banned.flatMap(([pattern, instead]) => {
      const word = pattern.exec(content)?.[0]
      return word === undefined ? [] : [{ line: index + 1, word, instead }]
    }),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const problems = globSync(files, { cwd: root })
    .filter((file) => !exempt.test(file))
    .sort()
    .flatMap((file) =>
      bannedWords(readFileSync(`${root}/${file}`, 'utf8')).map(
        ({ line, word, instead }) => `${file}:${line}: "${word}": ${instead} (docs/style.md)`,
      ),
    )
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length > 0 ? 1 : 0
}
