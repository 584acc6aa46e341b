import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EviError } from '#lib/errors.ts'
import { cases } from '../../../../helpers/cases.ts'
import { codesOf, keysOf, read, startup, to } from '../../../../helpers/opensips/read-config.ts'

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
