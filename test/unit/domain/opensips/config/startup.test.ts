import { describe, expect, test } from 'vitest'
import { codesOf, keysOf, read, startup, to } from '../../../../helpers/opensips/read-config.ts'

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
