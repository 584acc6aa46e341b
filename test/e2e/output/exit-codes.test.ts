import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exitCodes, exitPartly } from '#lib/exit-codes.ts'
import manifest from '../../../oclif.manifest.json' with { type: 'json' }
import type { Ended } from '../../helpers/evi/evi.ts'
import {
  type Case,
  type CommandId,
  type ExitCode,
  type ExitTable,
  type Run,
  runsOf,
  start,
  type Words,
} from '../../helpers/evi/exit-cases.ts'
import { makeScene, type Scene } from '../../helpers/evi/exit-scene.ts'
import { pool } from '../../helpers/pool.ts'
import { slowness } from '../../helpers/slowness.ts'

let scene: Scene
const at = (socket: keyof Scene['sockets'], ...more: string[]) => ['-s', scene.sockets[socket], ...more]
const raise = (socket: keyof Scene['sockets'], ...more: string[]) => ['E_X', ...at(socket, ...more)]
const subscribe = (socket: keyof Scene['sockets'], ...more: string[]) => [
  'E_CHECKED',
  scene.sockets[socket],
  '--check',
  ...more,
]
const bench = (socket: keyof Scene['sockets'], ...more: string[]) => [
  scene.sockets[socket],
  '-n',
  '10',
  ...more,
]
const config = (name: string, route = 'startup_route') =>
  `${route} { subscribe_event("E_${name}", "rabbitmq:h/q"); }`
const there = ['--consumers-get-them']
const line = '{"jsonrpc":"2.0","method":"E_X"}\n'
const silence = ['--reply-timeout', '5000']
const report = (words: Words): Case => ({ words, report: true })
const stream = (input: string, words: Words): Case => ({ words, input, report: true, lines: true })
const damaged = (...words: string[]): Case => ({ words: () => words, config: 'damaged' })
const unwritable = (...words: string[]): Case => ({ words: () => words, config: 'unwritable' })
const locked = (...words: string[]): Case => ({ words: () => words, config: 'locked' })
const full = (words: Words): Case => ({ words, full: 'stdout' })
/** Of a command that has no data for stdout unless as JSON: what has changed the store ends with 0 all the same. */
const unsaid = (words: Words): Case => ({ words, full: 'stderr' })
const interrupted = (words: Words): Case => ({ words, interrupted: true })
/** Standard input gives a password that is none. */
const latin = ['--password-file', '-']

/** docs/exit-codes.md, row by row: every command that can end so, and how. */
const table: ExitTable = {
  0: {
    export: () => ['E_GOOD'],
    import: [
      { words: () => ['-'], input: config('NEW') },
      { ...unsaid(() => ['-']), input: config('FULL') },
    ],
    bench: () => bench('good'),
    check: () => at('good'),
    completion: () => ['bash'],
    context: () => [],
    'context:copy': [{ words: (name) => ['default', `new-${name}`] }],
    'context:create': [{ words: (name) => [`new-${name}`] }, unsaid((name) => [`unsaid-${name}`])],
    'context:list': () => [],
    'context:remove': [{ words: (name) => [name] }, unsaid((name) => [name])],
    'context:show': () => ['--context', 'known'],
    'context:use': () => ['default'],
    declare: () => [scene.sockets.good],
    events: () => [],
    help: () => ['raise'],
    list: () => [],
    map: () => ['--check'],
    password: { words: () => ['E_GOOD', '--password-file', '-'], input: 'guest' },
    raise: [
      { words: () => ['E_GOOD'] },
      { words: () => raise('missing', '--dry-run') },
      stream(line, () => ['-', ...at('good')]),
    ],
    settings: () => ['timeout', '9000'],
    subscribe: [
      { words: (name) => [`E_NEW_${name}`, 'rabbitmq:h/q'] },
      { words: () => subscribe('good') },
      unsaid((name) => [`E_FULL_${name}`, 'rabbitmq:h/q']),
    ],
    tail: [
      { words: () => at('waiting', '--peek'), lines: true },
      { words: () => at('copied', '--timeout', '0.1'), lines: true },
    ],
    'tls-domain:list': () => [],
    'tls-domain:remove': [{ words: (name) => [name] }, unsaid((name) => [name])],
    'tls-domain:set': [{ words: (name) => [`new-${name}`] }, unsaid((name) => [`unsaid-${name}`])],
    unsubscribe: [{ words: (name) => [`E_${name}`] }, unsaid((name) => [`E_${name}`])],
  },
  3: {
    export: report(() => ['E_CLUSTER']),
    import: { ...report(() => ['-']), input: config('MAYBE', 'route') },
    bench: report(() => [scene.halfFull.pop() ?? '', '-n', '10', ...there]),
    raise: [report(() => ['E_PARTLY']), stream(`bad\n${line}`, () => ['-', ...at('good')])],
  },
  4: {
    export: () => ['E_NOBODY'],
    import: { ...report(() => ['-']), input: 'route { exit; }' },
    check: () => ['E_NOBODY'],
    'context:copy': () => ['absent', 'new'],
    'context:remove': () => ['absent'],
    'context:use': () => ['absent'],
    declare: () => ['E_NOBODY'],
    events: () => ['nonsense'],
    password: { words: () => ['E_NOBODY', ...latin], input: 'x' },
    raise: [{ words: () => ['E_NOBODY'] }, stream(line, () => ['-'])],
    tail: () => ['E_NOBODY'],
    'tls-domain:remove': () => ['absent'],
    unsubscribe: () => ['E_NOBODY'],
  },
  5: {
    bench: report(() => bench('missing', ...there)),
    check: report(() => ['E_BAD']),
    raise: [
      report(() => ['E_BAD']),
      report(() => ['E_BAD', '--verify']),
      stream(line, () => ['-', ...at('missing')]),
    ],
    subscribe: report(() => subscribe('missing')),
    tail: [{ words: () => at('missing', '--peek') }, { words: () => at('missing', '--from', 'first') }],
  },
  64: {
    export: () => ['--with-passwords'],
    import: () => [],
    bench: () => ['rabbitmq:h/q', '--window', '0'],
    check: () => ['E_GOOD', ...at('good')],
    completion: () => ['nonsense'],
    context: () => ['nonsense', 'more'],
    'context:copy': () => ['default', 'known'],
    'context:create': () => ['../known'],
    'context:list': () => ['nonsense'],
    'context:remove': () => ['default'],
    'context:show': () => ['--context', 'nonsense'],
    'context:use': () => [],
    declare: () => ['rabbitmq:h/amq.reserved'],
    events: () => ['--nonsense'],
    help: () => ['nonsense'],
    list: () => ['a b'],
    map: () => ['--format', 'nonsense'],
    password: () => ['--no-check', ...latin],
    raise: [
      { words: () => [] },
      { words: () => ['E_X', '--socket', 'rabbitmq:h'] },
      { words: () => ['-', '--dry-run'] },
      { words: () => raise('good', '--arg', '--help') },
      { words: () => raise('good', '-a', '-h') },
    ],
    sandbox: () => ['true'],
    settings: () => ['nonsense', '1'],
    setup: () => [],
    subscribe: () => ['E_X'],
    tail: () => ['--count', '0'],
    'tls-domain:list': () => ['--nonsense'],
    'tls-domain:remove': () => [],
    'tls-domain:set': () => ['x', '--certificate', scene.files.garbage],
    unsubscribe: () => ['E_TWO'],
  },
  65: {
    import: { words: () => ['-'], input: config('OPEN').slice(0, -6) },
    bench: [
      { words: () => bench('good', '--size', '20000') },
      { words: () => bench('good', ...latin), input: '' },
    ],
    check: { words: () => ['-s', 'rabbitmq:h/q', ...latin], input: '' },
    raise: [
      { words: () => raise('good', '--params', '{') },
      { words: () => raise('good', '--max-message', '9') },
      stream('bad\n', () => ['-', ...at('good')]),
      stream('1\n', () => raise('good', '--batch', '-')),
      stream(`bad\n${line}`, () => ['-', '--strict', ...at('good')]),
    ],
    subscribe: { words: () => ['--batch', '-'], input: 'E_X nonsense' },
    tail: { words: () => ['-s', 'rabbitmq:h/q', ...latin], input: '' },
    'tls-domain:set': (name) => [name, '--ca', scene.files.garbage],
  },
  66: {
    import: [{ words: () => [scene.files.none] }, { words: () => ['-'], fromDirectory: true }],
    bench: () => bench('good', '--password-file', scene.files.none),
    check: () => at('good', '--password-file', scene.files.none),
    raise: [
      { words: () => raise('good', '--params', `@${scene.files.none}`) },
      { words: () => raise('good', '--batch', scene.files.none) },
      { words: () => ['-', ...at('good')], fromDirectory: true },
    ],
    subscribe: [
      { words: () => ['--batch', scene.files.none] },
      { words: () => ['--batch', '-'], fromDirectory: true },
    ],
    tail: () => at('good', '--password-file', scene.files.none),
    'tls-domain:set': (name) => [name, '--ca', scene.files.none],
  },
  69: {
    bench: () => bench('closed'),
    declare: report(() => [scene.sockets.closed]),
    check: [report(() => at('closed')), report(() => at('silent', '--reply-timeout', '300'))],
    map: report(() => ['E_TOPIC', '--management', scene.management]),
    raise: [
      report(() => raise('closed')),
      report(() => raise('silent', '--reply-timeout', '300')),
      stream(line, () => ['-', ...at('closed')]),
    ],
    sandbox: { words: () => [], environment: { EVI_RABBITMQ_HOME: import.meta.dirname } },
    subscribe: report(() => subscribe('closed')),
    tail: () => at('closed'),
  },
  70: {
    // A fault of its own cannot be asked for, but in a JavaScript that lacks something; bun takes no such option.
    check: process.env.EVI_PROGRAM
      ? []
      : {
          words: () => at('good'),
          environment: { NODE_OPTIONS: '--import=data:text/javascript,Map.groupBy=0' },
        },
  },
  73: { tail: () => at('good') },
  74: {
    export: [full(() => []), { words: () => ['E_GOOD', '--output', scene.files.garbage] }],
    import: [
      { ...unwritable('-'), input: config('X') },
      { ...full(() => ['-', '--dry-run']), input: config('X') },
    ],
    bench: full(() => bench('good')),
    check: full(() => at('good')),
    completion: full(() => ['bash']),
    context: full(() => []),
    'context:create': unwritable('x'),
    'context:list': full(() => []),
    'context:show': full(() => []),
    'context:use': unwritable('default'),
    declare: full(() => [scene.sockets.good]),
    events: full(() => []),
    help: full(() => ['raise']),
    list: full(() => []),
    map: full(() => []),
    raise: [
      full(() => ['E_GOOD']),
      { ...unsaid(() => ['-', ...at('good')]), input: line },
      full(() => raise('good', '--dry-run')),
      { ...full(() => ['-', ...at('missing')]), input: line, full: 'stderr' },
      { words: () => ['-', ...at('good'), '--failed', '/dev/full/none'], input: line },
    ],
    settings: [full(() => []), unwritable('timeout', '9')],
    subscribe: unwritable('E_X', 'rabbitmq:h/q'),
    tail: full(() => at('kept', '--from', 'first', '--count', '1')),
    'tls-domain:list': full(() => []),
    'tls-domain:set': unwritable('x'),
  },
  75: {
    import: { ...locked('-'), input: config('X') },
    bench: [report(() => bench('full', ...there)), report(() => bench('swallowing', ...silence))],
    check: report(() => at('swallowing', ...silence)),
    'context:create': locked('x'),
    'context:use': locked('default'),
    password: { ...locked('E_GOOD', ...latin, '--no-check'), input: 'other' },
    raise: [
      report(() => raise('full', '--sync')),
      report(() => raise('swallowing', ...silence)),
      stream(line, () => ['-', '--sync', ...at('full'), '--retry-for', '0']),
    ],
    settings: locked('timeout', '9'),
    subscribe: [locked('E_X', 'rabbitmq:h/q'), locked('--batch', '-')],
    tail: () => at('mute', '--reply-timeout', '5000'),
    'tls-domain:remove': locked('known'),
    'tls-domain:set': locked('x'),
    unsubscribe: locked('E_GOOD'),
  },
  76: {
    bench: report(() => bench('noExchange', ...there)),
    check: report(() => at('noExchange')),
    declare: report(() => [scene.sockets.noExchange]),
    raise: [
      report(() => raise('noExchange')),
      report(() => raise('noExchange', '--verify')),
      stream(line, () => ['-', ...at('noExchange')]),
    ],
    subscribe: report(() => subscribe('noExchange')),
    tail: () => at('noExchange'),
  },
  77: {
    bench: () => bench('refused'),
    check: report(() => at('refused')),
    declare: report(() => [scene.sockets.refused]),
    password: { ...report(() => ['E_GOOD', ...latin]), input: 'wrong' },
    raise: [report(() => raise('refused')), stream(line, () => ['-', ...at('refused')])],
    subscribe: report(() => subscribe('refused')),
    tail: () => at('refused'),
  },
  78: {
    export: damaged(),
    import: { ...damaged('-'), input: config('X') },
    bench: damaged('rabbitmq:h/q'),
    check: damaged(),
    'context:copy': damaged('default', 'x'),
    'context:show': damaged(),
    declare: damaged('E_X'),
    list: damaged(),
    map: damaged(),
    password: { ...damaged('E_X', ...latin), input: 'x' },
    raise: [damaged('E_X'), damaged('-')],
    settings: [damaged(), damaged('timeout', '9')],
    subscribe: damaged('E_X', 'rabbitmq:h/q'),
    tail: damaged(),
    'tls-domain:list': damaged(),
    'tls-domain:remove': damaged('x'),
    'tls-domain:set': damaged('x'),
    unsubscribe: damaged('E_X'),
  },
  124: { tail: { words: () => at('copied', '--count', '1', '--timeout', '0.1') } },
  130: {
    bench: interrupted((host) => [`rabbitmq:${host}/q`]),
    check: interrupted((host) => ['-s', `rabbitmq:${host}/q`]),
    map: interrupted((host) => ['E_TOPIC', '--management', `http://${host}`]),
    raise: [
      interrupted((host) => ['E_X', '-s', `rabbitmq:${host}/q`]),
      {
        ...stream(line, (host) => ['-', '-s', `rabbitmq:${host}/q`, ...silence]),
        interrupted: true,
      },
    ],
    subscribe: interrupted((host) => ['E_X', `rabbitmq:${host}/q`, '--check']),
    tail: interrupted((host) => ['-s', `rabbitmq:${host}/q`]),
  },
}

/** What takes a terminal, or a RabbitMQ of its own for each run, has its tests in its own file. */
const elsewhere: Readonly<Partial<Record<ExitCode, readonly CommandId[]>>> = {
  0: ['sandbox', 'setup'],
  130: ['sandbox', 'setup'],
}

const runs = runsOf(table)
const ends = new Map<Run, Promise<Ended>>()

beforeAll(async () => {
  scene = await makeScene(runs.map(({ name }) => name))
  const [quick, silent, waiting] = [pool(6), pool(4), pool(12)]
  for (const run of runs) {
    const limited = run.config === 'locked' ? waiting : run.exit === 75 ? silent : quick
    ends.set(
      run,
      limited(() => start(run, scene)),
    )
  }
  await Promise.allSettled(ends.values())
}, 300_000 * slowness)
afterAll(() => scene.dispose())

describe.each([...new Set(runs.map(({ exit }) => exit))])('exit code %i', (exit) => {
  test.each(runs.filter((run) => run.exit === exit))('of $id: $name', async (run) => {
    const ended = await (ends.get(run) ?? start(run, scene))
    // A test that is tried again starts evi again.
    ends.delete(run)
    expect(ended).toMatchObject({ code: exit })
    expect(ended.stdout + ended.stderr).not.toMatch(/\n\s+at |\/dist\/|node:internal/)
    if (run.json) expectDocument(run, ended)
    else expectSentence(run, ended)
  })
})

test('has a row for every code and every command, and each command is seen to do its work and to refuse words', () => {
  const codes = [0, exitPartly, ...new Set(Object.values(exitCodes))].sort((a, b) => a - b)
  expect(Object.keys(table).map(Number)).toEqual(codes)
  const seen = (code: ExitCode) => [
    ...runs.flatMap(({ exit, id }) => (exit === code ? [id] : [])),
    ...(elsewhere[code] ?? []),
  ]
  for (const code of codes.filter((code) => code !== exitCodes.internal || !process.env.EVI_PROGRAM))
    expect(seen(code as ExitCode), `exit code ${code}`).not.toEqual([])
  const commands = Object.keys(manifest.commands).sort()
  expect([...new Set(seen(0))].sort()).toEqual(commands)
  expect([...new Set(seen(64))].sort()).toEqual(commands)
})

/** Plain: an error is a sentence on stderr and nothing else; a report has its sentences where it stands. */
function expectSentence({ exit, report, full, interrupted }: Run, { stdout, stderr }: Ended): void {
  if (exit === 0 || full === 'stderr') return
  if (interrupted) expect(stderr).toMatch(/^(evi: Interrupted( before \w.*)?\.|✖ .* interrupted)/m)
  else if (report) expect(stdout + stderr).toMatch(/[✖!?] .*\w/)
  else
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: expect.stringMatching(/^evi: [^\n]+[.:]"?$/m) })
}

/** JSON: stdout is one document, or one a line, and an error in it has the process's own code. */
function expectDocument({ exit, report, lines, full }: Run, { stdout, stderr }: Ended): void {
  if (full) {
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: expect.stringMatching(/^evi: .*ENOSPC/m) })
    return
  }
  const documents = (lines ? stdout.trimEnd().split('\n').filter(Boolean) : [stdout]).map((text) =>
    JSON.parse(text),
  )
  const errors = documents.flatMap(({ error }) => error ?? [])
  for (const error of errors) {
    expect(error).toMatchObject({ exit, message: expect.stringMatching(/.[.:^]"?$/) })
    if (exit !== exitPartly) expect(exitCodes).toHaveProperty([error.code], exit)
  }
  if (exit !== 0 && !report) expect(errors).toHaveLength(1)
  if (exit === 0) expect(errors).toEqual([])
}
