import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readConfig } from '#lib/domain/opensips/config/read-config.ts'
import { flatten } from '#lib/domain/opensips/config/syntax/flatten.ts'
import type { Reading } from '#lib/domain/opensips/reading.ts'
import { EviError } from '#lib/errors.ts'
import { cases } from '../../../helpers/cases.ts'

function read(
  text: string,
  files: Readonly<Record<string, string>> = {},
  defined: Readonly<Record<string, string>> = {},
): Reading {
  const open = (path: string) => {
    const content = files[path]
    if (content === undefined) throw new EviError('no-input', `${path} is missing.`)
    return { name: path, bytes: Buffer.from(content) }
  }
  return readConfig(
    flatten({ name: 'main.cfg', bytes: Buffer.from(text) }, open),
    new Map(Object.entries(defined)),
  )
}

/** The routing keys that are found, those that are not certain in brackets. */
const keysOf = (text: string, files?: Readonly<Record<string, string>>) =>
  read(text, files).subscriptions.map(({ socket: { routingKey }, when }) =>
    when === 'startup' ? routingKey : `(${routingKey})`,
  )
const codesOf = (text: string) => read(text).warnings.map(({ code, line }) => `${line} ${code}`)
const to = (key: string) => `subscribe_event("E_X", "rabbitmq:h/${key}");`
const startup = (...lines: string[]) => `startup_route {\n${lines.join('\n')}\n}\n`

describe('what runs at startup', () => {
  test.for<[string, string, string[]]>([
    ['behind an if', startup(`if ($si == "1") ${to('a')}`, to('b')), ['(a)', 'b']],
    ['in both arms of an if', startup(`if ($x) { ${to('a')} } else { ${to('b')} }`), ['(a)', '(b)']],
    [
      'in an else if',
      startup(`if ($x) { } else if (subscribe_event("E_X", "rabbitmq:h/a")) { ${to('b')} }`),
      ['(a)', '(b)'],
    ],
    [
      'in the condition itself',
      startup('if (subscribe_event("E_X", "rabbitmq:h/a") && subscribe_event("E_X", "rabbitmq:h/b")) exit;'),
      ['a', '(b)'],
    ],
    [
      'behind "and" in words',
      startup('if (subscribe_event("E_X", "rabbitmq:h/a") and subscribe_event("E_X", "rabbitmq:h/b")) {}'),
      ['a', '(b)'],
    ],
    [
      'in a loop',
      startup(`while ($var(i) < 3) { ${to('a')} }`, `for ($var(x) in $(avp(y)[*])) ${to('b')}`),
      ['(a)', '(b)'],
    ],
    [
      'in a switch',
      startup('switch ($var(x)) { case "1":', to('a'), 'break; default:', to('b'), 'break; }', to('c')),
      ['(a)', '(b)', 'c'],
    ],
    ['behind an exit', startup(to('a'), 'exit;', to('b')), ['a', '(b)']],
    ['behind an exit that may be run', startup(`if ($x) { exit; }`, to('a')), ['(a)']],
    [
      'behind the failure of a subscription that OpenSIPS takes',
      startup('if (!subscribe_event("E_X", "rabbitmq:h/a")) { exit; }', to('b')),
      ['a', 'b'],
    ],
    [
      'behind the failure of a subscription that OpenSIPS refuses',
      startup('if (!subscribe_event("E_X", "rabbitmq:h")) { exit; }', to('b')),
      ['(b)'],
    ],
    [
      'in the arms for the outcome of a subscription that OpenSIPS takes',
      startup(
        `if (subscribe_event("E_X", "rabbitmq:h/a")) { ${to('b')} } else { ${to('c')} exit; }`,
        `if (!(subscribe_event("E_X", "rabbitmq:h/d"))) { exit; } else ${to('e')}`,
        to('f'),
      ),
      ['a', 'b', '(c)', 'd', 'e', 'f'],
    ],
    [
      'in the arm for a subscription that OpenSIPS refuses',
      startup(`if (subscribe_event("E_X", "rabbitmq:h")) { ${to('b')} }`),
      ['(b)'],
    ],
    [
      'behind a condition on a subscription whose expiry is not known',
      startup('if (!subscribe_event("E_X", "rabbitmq:h/a", $var(x))) exit;', to('b')),
      ['(a)', '(b)'],
    ],
    ['in a called route', `route[r] { ${to('a')} }\n${startup('route(r);', to('b'))}`, ['a', 'b']],
    [
      'in a route that a called route calls',
      `${startup('route("one");')}route[one] { route(2); }\nroute[2] { ${to('a')} }`,
      ['a'],
    ],
    ['in a route with arguments', `${startup('route(r, "x", 1);')}route[r] { ${to('a')} }`, ['a']],
    [
      'in a route whose name is a variable',
      `${startup('route($var(r));', to('b'))}route[r] { ${to('a')} }`,
      ['(b)', '(a)'],
    ],
    [
      'behind a return of a called route',
      `${startup('route(r);', to('b'))}route[r] { return; ${to('a')} }`,
      ['b', '(a)'],
    ],
    [
      'behind a route that may return 0',
      `${startup('route(r);', to('b'))}route[r] { if ($x) return(0); ${to('a')} }`,
      ['(b)', '(a)'],
    ],
    [
      'behind a route that exits',
      `${startup('route(r);', to('b'))}route[r] { ${to('a')} exit; }`,
      ['(b)', 'a'],
    ],
    [
      'in routes that call each other',
      `${startup('route(a);')}route[a] { ${to('a')} route(b); }\nroute[b] { ${to('b')} route(a); }`,
      ['a', 'b'],
    ],
    [
      'in a route that is called behind a condition',
      `${startup('if ($x) route(r);', to('b'))}route[r] { ${to('a')} }`,
      ['b', '(a)'],
    ],
    [
      'in routes of other kinds',
      [
        'failure_route[f]',
        'branch_route[b]',
        'error_route',
        'local_route',
        'event_route[E_X]',
        'onreply_route',
        'timer_route[t, 5]',
      ]
        .map((name, index) => `${name} { ${to(String(index))} }`)
        .join('\n'),
      ['(0)', '(1)', '(2)', '(3)', '(4)', '(5)', '(6)'],
    ],
    [
      'in an asynchronous call',
      startup('async(subscribe_event("E_X", "rabbitmq:h/a"), resume);', to('b')),
      ['(a)', 'b'],
    ],
    ['outside of any route', to('a'), ['(a)']],
    ['where event_rabbitmq is not loaded', `loadmodule "sl.so"\n${startup(to('a'))}`, ['(a)']],
    ['where it is loaded by its path', `loadmodule "/x/event_rabbitmq.so"\n${startup(to('a'))}`, ['a']],
  ])('%s: the subscription is certain or not', ([, text, keys]) => {
    expect(keysOf(text)).toEqual(keys)
  })

  test('a route of any length is followed to its end', () => {
    const many = Array.from({ length: 100_001 }, () => '$var(x) = 1;').join('\n')
    expect(keysOf(startup(many, to('a')))).toEqual(['a'])
  })

  test('an expiry is an integer: a text is refused, and what is not known is not certain', () => {
    const text = startup(
      '$var(n) = 30; $var(s) = "30"; $var(m) = $var(n);',
      ...['$var(n)', '$var(m)', '0x10', '-5', 'yes', '$var(s)', '$var(x)'].map(
        (expire, index) => `subscribe_event("E_X", "rabbitmq:h/${index}", ${expire});`,
      ),
    )
    expect(keysOf(text)).toEqual(['0', '1', '2', '3', '4', '(6)'])
    expect(read(text).unread).toBe(1)
    expect(codesOf(text)).toContain('8 refused-expiry')
    expect(codesOf(text)).toContain('9 variable')
    const given = read(text, {}, { '$var(x)': '30' })
    expect(given.subscriptions.at(-1)).toMatchObject({ socket: { routingKey: '6' }, when: 'startup' })
  })

  test('OpenSIPS does not look for variables in a string that is assigned', () => {
    const text = startup('$var(s) = "rabbitmq:h/a$$b$var(c)";', 'subscribe_event("E_X", $var(s));')
    expect(keysOf(text)).toEqual(['a$$b$var(c)'])
  })

  test.for([
    ['route(nosuch)', /main\.cfg:5: there is no route\[nosuch\]/],
    [
      `subscribe_event("${'E'.repeat(65)}", "rabbitmq:h/a")`,
      /main\.cfg:5: the name of an event has 64 bytes/,
    ],
  ] as const)('OpenSIPS does not start with %s, wherever it stands', ([statement, message]) => {
    const text = `loadmodule "event_rabbitmq.so"\n${startup('exit;')}route { ${statement}; }`
    expect(() => read(text)).toThrow(message)
  })

  test('a part of a configuration may call routes of others', () => {
    expect(keysOf(startup(to('a'), 'route(elsewhere);'))).toEqual(['a'])
  })

  test('a comment without an end hides what stands behind it, and is warned about', () => {
    const text = `${startup(to('a'))}\nroute { exit; }\n/* open\n${to('b')}`
    expect(keysOf(text)).toEqual(['a'])
    expect(codesOf(text)).toEqual(['6 open-comment'])
    expect(() => read(`startup_route {\n/* open\n${to('b')}\n}`)).toThrow(
      /main\.cfg:2: this comment has no end/,
    )
  })

  test('routes that call each other many times are followed to an end', () => {
    const routes = Array.from(
      { length: 40 },
      (_, index) => `route[${index + 1}] { route(${index + 2}); route(${index + 2}); ${to(`k${index}`)} }`,
    )
    expect(keysOf(`${startup('route(1);')}${routes.join('\n')}`)).toHaveLength(40)
  })
})

describe('variables', () => {
  test.for<[string, string[], string[]]>([
    ['one that is assigned', ['$var(h) = "a";', to('$var(h)')], ['a']],
    [
      'one that is assigned in a condition',
      ['$var(h) = "a";', 'if ($var(h) = "b") { }', to('$var(h)')],
      ['b'],
    ],
    ['one of whose values one is replaced', ['$avp(h) = "a";', '$(avp(h)[1]) = "b";', to('$avp(h)')], []],
    ['one that a call may change by an index', ['$avp(h) = "a";', 'f($(avp(h)[0]));', to('$avp(h)')], []],
    ['one in parentheses', ['$var(h) = "a";', to('$(var(h))-x')], ['a-x']],
    [
      'one that is put together',
      ['$avp(q) = "a";', '$var(h) = $avp(q) + "-" + "b" + "c";', to('$var(h)')],
      ['a-bc'],
    ],
    ['one that is assigned twice', ['$var(h) = "a";', '$var(h) = "b";', to('$var(h)')], ['b']],
    ['one that may have another value', ['$var(h) = "a";', 'if ($x) $var(h) = "b";', to('$var(h)')], []],
    [
      'one that a function may change',
      ['$var(h) = "a";', 'cache_fetch("local", "k", $var(h));', to('$var(h)')],
      [],
    ],
    ['one that is only printed', ['$var(h) = "a";', 'xlog("$var(h)\\n");', to('$var(h)')], ['a']],
    ['one that a sum changes', ['$var(h) = "a";', '$var(h) += "b";', to('$var(h)')], []],
    ['one that a loop changes', ['$var(h) = "a";', `while ($x) { ${to('$var(h)')} $var(h) = "b"; }`], []],
    ['one of another route', ['$var(h) = "a";', 'route(r);', '}', `route[r] { ${to('$var(h)')}`], ['a']],
    [
      'one that the called route changes',
      ['$var(h) = "a";', 'route(r);', to('$var(h)'), '}', 'route[r] { $var(h) = "b";'],
      ['b'],
    ],
    ['one that nothing assigns', [to('$rU')], []],
    ['one with a transformation', ['$var(h) = "a";', to('$(var(h){s.len})')], []],
    ['a number', ['$var(n) = 5;', to('k$var(n)')], ['k5']],
    ['a dollar', [to('a$$b$$')], ['a$b$']],
    ['a dollar by its number', [to('\\x24$b')], ['$b']],
  ])('%s', ([, lines, keys]) => {
    expect(keysOf(startup(...lines))).toEqual(keys)
  })

  test('each run of a route has its own values', () => {
    const routes = `route[r] { ${to('$var(q)')} }`
    expect(
      keysOf(`${startup('$var(q) = "a";', 'route(r);', '$var(q) = "b";', 'route(r);')}${routes}`),
    ).toEqual(['a', 'b'])
  })

  test('a value that is given counts before one that is assigned', () => {
    const text = startup('$var(q) = "a";', to('$var(q)'))
    expect(read(text, {}, { '$var(q)': 'given' }).subscriptions[0]?.socket.routingKey).toBe('given')
    expect(read(text, {}, { '$var(q)': 'given' }).warnings).toEqual([])
  })

  test('of two that are the same, the one that OpenSIPS makes first counts, also where it stands last', () => {
    const text = `route[r] { subscribe_event("E_X", "rabbitmq:u:second@h/k"); ${to('a')} }\n${startup(
      'subscribe_event("E_X", "rabbitmq:u:first@h/k");',
      'route(r);',
    )}`
    const { subscriptions, warnings } = read(text)
    expect(
      subscriptions.map(({ socket: { password, routingKey }, line }) => [routingKey, password, line]),
    ).toEqual([
      ['a', undefined, 1],
      ['k', 'first', 3],
    ])
    expect(warnings).toMatchObject([{ code: 'duplicate', line: 1 }])
  })

  test.for([`"E_$$X"`, `'$$'`, `"E_$($)X"`])(
    'the event %s is none that OpenSIPS registers, so that it is not taken',
    (event) => {
      const text = startup(`if (!subscribe_event(${event}, "rabbitmq:h/a")) exit;`, to('b'))
      const { subscriptions, unread, warnings } = read(text)
      expect(subscriptions).toMatchObject([{ socket: { routingKey: 'b' }, when: 'maybe' }])
      expect(unread).toBe(1)
      expect(warnings).toMatchObject([
        { code: 'refused-event', line: 2, message: expect.stringContaining('"$"') },
        { code: 'condition', line: 3 },
      ])
    },
  )

  test('a dollar without a name is said to be one that is to be doubled', () => {
    const [warning] = read(startup('subscribe_event("E_X", "rabbitmq:u:secret$@h/k");')).warnings
    expect(warning).toMatchObject({ code: 'variable', line: 2 })
    expect(warning?.message).toBe(
      'A "$" without a name stops OpenSIPS; the character itself is written "$$": rabbitmq:u:***@h/k. Not taken.',
    )
  })

  test('the new form of an old socket is escaped, so that it can be pasted', () => {
    const [warning] = read(startup('subscribe_event("E_X", "rabbitmq:h/a%3Bb%25?k%2525");')).warnings
    expect(warning?.message).toMatch(/There: exchange=a%3Bb%25\?k%2525$/)
  })

  test('a password with a variable is not shown', () => {
    const [warning] = read(startup('subscribe_event("E_X", "rabbitmq:alice:secret@$var(h)/k");')).warnings
    expect(warning).toMatchObject({ code: 'variable', message: expect.not.stringContaining('secret') })
  })
})

test.for([
  'modparam("uac", "credential", "user:realm:secret";)',
  "modparam('auth', 'secret' , 'secret",
  'modparam("db_mysql", "url", "mysql://user:secret@h/db") ;',
  'route { xlog("mysql://user:secret@h/db") exit; }',
  'route { subscribe_event("E_X", "rabbitmq:u:secret@h/k") exit; }',
])('a place of a fault is quoted without passwords: %s', (line) => {
  expect(() => read(`${line}\n`)).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/\n {2}.*\*\*\*.*\n {2} *\^$/) }),
  )
  expect(() => read(`${line}\n`)).toThrow(
    expect.objectContaining({ message: expect.not.stringMatching(/"(?:user:realm:)?secret|:secret@/) }),
  )
})

describe('text', () => {
  test.for<[string, string, string[]]>([
    ['CRLF', startup(to('a'), '# x', to('b')).replaceAll('\n', '\r\n'), ['a', 'b']],
    ['no line end at the end', startup(to('a')).trimEnd(), ['a']],
    ['a comment at the end', `${startup(to('a'))}# the end`, ['a']],
    ['quotes in comments', startup('# it\'s "', '/* it\'s " */', to('a')), ['a']],
    ['a comment mark in a string', startup("xlog('/*');", to('a'), "xlog('*/');"), ['a']],
    [
      'other functions',
      startup(
        'my_subscribe_event("E_X", "rabbitmq:h/no");',
        'subscribe_events("E_X", "rabbitmq:h/no");',
        to('a'),
      ),
      ['a'],
    ],
    ['letters with accents outside of strings', `${startup(`ä ${to('a')}`)}`, ['a']],
    [
      'braces in strings and variables',
      startup('xlog("}}}{");', '$var(x) = $(ru{uri.user});', to('a')),
      ['a'],
    ],
    ['escapes that are none', startup(to('\\q\\8\\x\\1')), ['\\q\\8\\x\\1']],
    ['an escape of one hexadecimal digit', startup(to('\\x4g')), ['\x04g']],
    ['three octal digits', startup(to('\\1011')), ['A1']],
    ['UTF-8 by its bytes', startup(to('\\xc3\\xa4')), ['ä']],
    ['a NUL by its number', startup(to('a\\x00b')), ['a']],
    [
      'a backslash at the end of a line',
      startup('subscribe_event("E_X", "rabbitmq:h/a\\', 'b");'),
      ['a__OSSPP_LINE__ 3\nb'],
    ],
    ['a trailing comma', startup('subscribe_event("E_X", "rabbitmq:h/a",);'), ['a']],
  ])('%s', ([, text, keys]) => {
    expect(keysOf(text)).toEqual(keys)
  })

  test.for<[string, string, string[]]>([
    ['without a blank', 'include_file"inc.cfg"', ['inc']],
    ['with blanks before and a comment behind', ' \t import_file  "inc.cfg" # here', ['inc']],
    ['behind something else', 'xlog("x"); #include_file "inc.cfg"', []],
    ['twice', "include_file 'inc.cfg'\ninclude_file 'inc.cfg'", ['inc']],
    ['in a string', 'subscribe_event("E_X", "rabbitmq:h/x\ninclude_file "key.cfg"\n");', ['x\ny\n']],
  ])('an include %s', ([, line, keys]) => {
    expect(keysOf(startup(line), { 'inc.cfg': to('inc'), 'key.cfg': 'y' })).toEqual(keys)
  })

  test.for(['include_file inc.cfg', 'include_file "inc.cfg', 'include_file "a"', 'include_file ""'])(
    'an include that is none is refused: %s',
    (line) => {
      expect(() => read(`${line}\n`, { 'inc.cfg': '' })).toThrow(/main\.cfg:1: /)
    },
  )
})

describe('modparams', () => {
  const settingsOf = (...lines: string[]) => read(`${lines.join('\n')}\nroute { exit; }\n`).settings

  test.for<[string, object]>([
    ['modparam("event_rabbitmq", "heartbeat", 010)', { heartbeat: 8 }],
    ['modparam("EVENT_RABBITMQ", "heartbeat", +5)', { heartbeat: 5 }],
    ['modparam("event_.*", "heartbeat", 5)', { heartbeat: 5 }],
    ['modparam("event_rabbit", "heartbeat", 5)', {}],
    ['modparam("event_rabbitmq|sl", "sync_mode", on)', { sync_mode: 1 }],
    ['modparam("event_rabbitmq", "heartbeat", 70000)', { heartbeat: 0 }],
    ['modparam("event_rabbitmq", "heartbeat", -1)', { heartbeat: 0 }],
    ['modparam("event_rabbitmq", "heartbeat", "3")', {}],
    ['modparam("event_rabbitmq", "timeout", 0)', {}],
    ['modparam("event_(rabbitmq", "timeout", 5)', {}],
  ])('%s', ([line, settings]) => {
    expect(settingsOf(line)).toEqual(settings)
  })

  test('warn of what OpenSIPS does not start with', () => {
    expect(
      codesOf(
        'modparam("event_rabbitmq", "nosuch", 1)\nmodparam("event_rabbitmq", "heartbeat", "3")\nmodparam("event_rabbitmq", "timeout", 0)',
      ),
    ).toEqual(['1 modparam', '2 modparam', '3 setting'])
  })

  test('a module is loaded before its parameters are set, and no semicolon follows', () => {
    const [load, set] = ['loadmodule "event_rabbitmq.so"\n', 'modparam("event_rabbitmq", "heartbeat", 1)\n']
    expect(codesOf(load + set)).toEqual([])
    expect(codesOf(set + load)).toEqual(['1 modparam'])
    expect(() => read(`${load}modparam("event_rabbitmq", "heartbeat", 1);\n`)).toThrow(/main\.cfg:2: no ";"/)
    expect(() => read('loadmodule "event_rabbitmq.so";\n')).toThrow(/main\.cfg:1: no ";"/)
  })

  test('give the TLS domains of clients, the last value of each', () => {
    const { tlsDomains, warnings } = read(
      [
        'server_domain", "srv"',
        'client_domain", "c"',
        'ca_list", "[c]one"',
        'ca_list", "[c]/two"',
        'certificate", "[c]/c"',
        'private_key", "[c]/k"',
        'verify_cert", "[c]0"',
        'ca_list", "[srv]/no"',
        'client_domain", "bare"',
      ]
        .map((rest) => `modparam("tls_mgm", "${rest})`)
        .join('\n'),
    )
    expect(tlsDomains).toEqual([
      { name: 'c', ca: '/two', certificate: '/c', privateKey: '/k', verifyCert: false, serverName: null },
      { name: 'bare', ca: null, certificate: null, privateKey: null, verifyCert: true, serverName: null },
    ])
    expect(warnings).toMatchObject([{ code: 'tls-domain', line: 9 }])
  })
})

describe('sockets', () => {
  test.for<[string, string[]]>([
    ['subscribe_event("E_X", "rabbitmq:h/tls_domain=t?k");', ['2 use-tls', '2 tls-domain-unknown']],
    ['subscribe_event("E_X", "rabbitmq:a,b/k");', ['2 refused-socket']],
    ['subscribe_event("E_X", "rabbitmq:[::1]/k");', ['2 refused-socket']],
    ['subscribe_event("E_X", "rabbitmq:h/vhost=v?k");', ['2 refused-socket']],
    ['subscribe_event("E_X", "rabbitmq:h/k%0A");', ['2 refused-socket']],
    ['subscribe_event("E_X", "rabbitmq:h/k%C3%A4");', ['2 refused-socket']],
    ['subscribe_event("E_X", "RabbitMQ:h/k");', ['2 refused-socket']],
    ['subscribe_event("E_X", "rabbitmq");', ['2 refused-socket']],
    ['subscribe_event("E_X", "rabbitmq:h/exchange=?k");', ['2 refused-socket']],
    ['subscribe_event("E X", "rabbitmq:h/k");', ['2 refused-event']],
    ['subscribe_event("", "rabbitmq:h/k");', ['2 refused-event']],
    ['subscribe_event("E_X", "rabbitmq:bob@h/k");', ['2 no-password']],
    ['subscribe_event("E_X", "rabbitmq:h/a\\tb");', ['2 control-character']],
    [
      'subscribe_event("E_X", "virtual:PARALLEL\trabbitmq:h/a \t rabbitmq:h");',
      ['2 virtual', '2 refused-socket'],
    ],
    ['subscribe_event("E_X", "virtual:rabbitmq:h/a");', ['2 refused-socket']],
    [
      'subscribe_event("E_X", "kafka:h/t"); subscribe_event("E_X", "tcp:h:1");',
      ['2 transport', '2 transport'],
    ],
    [`${to('a')}\n${to('a')}`, ['3 duplicate']],
  ])('%s: warns with file and line', ([line, codes]) => {
    expect(codesOf(startup(line))).toEqual(codes)
  })

  test('the first of two that are the same counts', () => {
    const text = startup(
      'subscribe_event("E_X", "rabbitmq:u:one@h/a");',
      'subscribe_event("E_X", "rabbitmq:u:two@H:5672/a");',
    )
    expect(read(text).subscriptions).toMatchObject([{ socket: { password: 'one' }, line: 2 }])
  })
})

test('any mixture of tokens is read or refused with its place', () => {
  const token = fc.constantFrom(
    ...[
      'startup_route',
      'route',
      '[',
      ']',
      '{',
      '}',
      '(',
      ')',
      ';',
      ',',
      ':',
      '=',
      '+',
      '!',
      '&&',
      '$',
      '$var(',
      '$var(x)',
      '$$',
    ],
    ...[
      'subscribe_event',
      'subscribe_event("E_X", "rabbitmq:h/k");',
      '"E_X"',
      "'rabbitmq:h/k'",
      '"rabbitmq:$var(x)/k"',
      '60',
    ],
    ...[
      'if',
      'else',
      'while',
      'for',
      'switch',
      'case',
      'default',
      'return',
      'exit',
      'async',
      'loadmodule',
      'modparam',
    ],
    ...[
      '"',
      "'",
      '\\',
      '#',
      '/*',
      '*/',
      '/',
      '\n',
      ' ',
      '\0',
      'ä',
      'include_file "inc.cfg"\n',
      '__proto__',
      'constructor',
    ],
  )
  fc.assert(
    fc.property(fc.array(token, { maxLength: 40 }), fc.constantFrom('', ' ', '\n'), (tokens, between) => {
      try {
        read(tokens.join(between), { 'inc.cfg': 'route(r);' })
      } catch (error) {
        expect(error).toBeInstanceOf(EviError)
        expect((error as EviError).message).toMatch(/^(?:main|inc)\.cfg:\d+: /)
      }
    }),
    { numRuns: cases(3000) },
  )
})

describe('time', () => {
  /** Text whose reading must not take the square of its length. */
  test.for<[string, (size: number) => string]>([
    ['an open string with escapes', (size) => `route { xlog("${'\\a'.repeat(size / 2)}`],
    ['comments within each other', (size) => '/*'.repeat(size / 4) + '*/'.repeat(size / 4)],
    ['parentheses', (size) => `route { if (${'('.repeat(size)}`],
    ['braces', (size) => 'route {'.repeat(size / 7)],
    ['dollars', (size) => startup(to('$('.repeat(size / 2)))],
    ['variables', (size) => startup(`$var(x${'('.repeat(size)}`)],
    ['else if', (size) => startup(`if (1) {} ${'else if (1) {} '.repeat(size / 15)}`)],
    ['one line with a fault', (size) => `modparam("a", "b", "c";${'a."b",'.repeat(size / 6)}`],
    ['words', (size) => 'a '.repeat(size / 2)],
    ['letters with accents', (size) => 'ä'.repeat(size / 2)],
    [
      'subscriptions',
      (size) => startup(...Array.from({ length: size / 40 }, (_, index) => to(String(index)))),
    ],
    [
      'warnings',
      (size) => Array.from({ length: size / 40 }, (_, index) => `route[${index}] { ${to('$x')} }`).join('\n'),
    ],
  ])('%s are read in time that grows with the length', ([, make]) => {
    const text = make(1_000_000)
    const start = process.cpuUsage()
    try {
      read(text)
    } catch (error) {
      expect(error).toBeInstanceOf(EviError)
    }
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1e6).toBeLessThan(20)
  })
})
