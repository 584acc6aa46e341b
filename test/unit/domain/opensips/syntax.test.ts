import { describe, expect, test } from 'vitest'
import { readConfig } from '#lib/domain/opensips/config/read-config.ts'
import { flatten } from '#lib/domain/opensips/config/syntax/flatten.ts'
import { EviError } from '#lib/errors.ts'

/** Each line was given to OpenSIPS 3.1.17, 3.4.18, 3.6.8 and 4.0.1 (`opensips -C`), which agreed; that a return has several values is new in 3.6. */

/** Whether the text is read, or refused with its place. */
function isRead(text: string): boolean {
  const bytes = Buffer.from(text)
  const open = () => {
    throw new Error('nothing is included')
  }
  try {
    readConfig(flatten({ name: 'main.cfg', bytes }, open), new Map())
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(EviError)
    expect((error as EviError).message).toMatch(/^main\.cfg:\d+: .*\n {2}.*\n +\^$/)
    return false
  }
}

const linesOf = (text: string) => text.trim().split('\n')

describe('conditions', () => {
  const inIf = (condition: string) => isRead(`startup_route { if (${condition}) { xlog("t"); } exit; }`)

  test.for(
    linesOf(String.raw`
0
(1)
yes
-1
0x1
$si
!$si
not not $si
! ! $si
!($si)
$$
$(var(x){s.len}) > 1
$(avp(x)[0]) == 1
$si and not 0
$si=="a" and not $var(x)
$si == "a" or not $si == "b" and 1
(($si == "a") && ($si == "b")) || $si
$si == -1
$si == $sp
$si == null
$si != NULL
$si > "a"
$si=~'a$'
$si =~ $var(x)
$si == 10.0.0.1
$si == 10.0.0.1/8
$si == 10.0.0.1/255.0.0.0
$si == [::1]
$si == ::1
[$var(x) + 1]
[1 + 1] && 1
[~1]
[($si & 1)]
[$si == 1]
["a"]
[xlog("a")]
[route(x)]
$var(x) = 1
$var(x) += "a"
xlog("a") and xlog("b")
!route(x)
return(1)
exit
assert(1, "a")
is_myself("a",1)`),
  )('%s is read', (condition) => {
    expect(inIf(condition)).toBe(true)
  })

  test.for([
    '',
    ...linesOf(String.raw`
"x"
()
and
$si and
and $si
$si $si
$si "a"
$si ==
== 1
$si === 1
$si =~ 1
$si =~ 10.0.0.1
1 == $si
"a" == $si
$si & 1
($si & 1)
~1
$var(x) + 1 > 2
[$var(x) + 1] > 2
[$var(x) + 1 > 2]
[!$si]
[$var(x) = 1]
$si == "a" "b"
$si == "a" + "b"
$var(x){s.len} > 1
$avp(x)[0] == 1
xlog("a") == 1
! if (1)
subscribe_event("E_X","rabbitmq:h/k") == 1
xlog
xlog("a");
break
null
1.5
uri == "x"
$rm in "x"
$rm , $si
$
not
(`),
  ])('%s is refused with its place', (condition) => {
    expect(inIf(condition)).toBe(false)
  })
})

describe('statements', () => {
  const inRoute = (text: string) =>
    isRead(`route[x] { exit; }\nroute[1] { exit; }\nstartup_route { xlog("s");\n${text}\n xlog("e"); }`)

  test.for(
    linesOf(String.raw`
$var(x) = "a" + 1 - 2 * (3 % 4) << 1;
$var(x) = ~1 + ~ ~2;
$var(x) = 2 * -1;
$var(x) = $si == "a";
$var(x) = is_myself("a") + 1;
$avp(x) := null;
$(avp(x)[0]) = 1;
$var(x) = yes;
;;
xlog("a" 'b' "c");
xlog("L_INFO", "a" "b");
is_myself("a",);
is_myself("a",-1);
exit();
drop;
return;
return -1;
return ($var(x));
return(1,"a",null);
return(,"a");
while ($var(i) < 3) $var(i) = $var(i) + 1;
while (1) { if (1) break; else { break; } }
if (1) ; else ;
if (1) if (0) xlog("a"); else xlog("b");
if (1) { xlog("a"); };
for ($var(x) in $(avp(y)[*])) break;
switch ($var(x)) { case -1: case "b": xlog("a"); break; default: }
switch ($var(x)) { case yes: if (1) { break; } }
route("x", 1, "a", $var(x), null);
route(1);
assert($si == "a" and 1, "a");
subscribe_event("E_X","rabbitmq:h/q",);
subscribe_event("E_X","rabbitmq:h/q",0x10);
subscribe_event("E_X","rabbitmq:h/q",010);
subscribe_event("E_X","rabbitmq:h/q",yes);
subscribe_event("E_X","rabbitmq:h/q",-5);
@?xlog\("a")@;`),
  )('%s is read', (text) => {
    expect(inRoute(text)).toBe(true)
  })

  test.for(
    linesOf(String.raw`
$var(x) = "a" "b";
$var(x) = !$si;
$var(x) = 10.0.0.1;
$var(x) += null;
$var(x)++;
$var(x);
$avp(x)[0] = 1;
"a";
1;
foo;
foo bar;
xlog();
xlog("a",);
xlog(1);
log("a" "b");
is_myself("a" "b");
is_myself("a" + "b");
is_myself(null);
exit
exit(1);
return "a";
return(null);
return(1,);
return (1+1);
break;
if (1) break;
if 1 { xlog("a"); }
if (1) { xlog("a") }
if (1) xlog("a") else xlog("b");
if (1) xlog("a");; else xlog("b");
else xlog("a");
for ($var(x) in "a") { }
for ($var(x), $var(y)) { }
switch ($var(x)) { }
switch ($var(x)) { default: }
switch ($var(x)) { case 1: default: case 2: }
switch ($var(x)) { case $var(y): }
switch ("a") { case 1: }
switch ($var(x)) { xlog("a"); case 1: }
switch ($var(x)) { case 1: { xlog("a"); } }
case 1: xlog("a");
{ xlog("a"); }
route();
route(-1);
route x;
route(x y);
assert("a");
subscribe_event("E_X","rabbitmq:h/q",1,2);
subscribe_event("E_X","rabbitmq:h/q","1");
subscribe_event("E_X","rabbitmq:h/q", 5 5);
subscribe_event("E_X" "Y","rabbitmq:h/q");
subscribe_event("E_X");
subscribe_event(E_X,"rabbitmq:h/q");
subscribe_event("E_X","rabbitmq:h/q")
startup_route { }`),
  )('%s is refused with its place', (text) => {
    expect(inRoute(text)).toBe(false)
  })
})

describe('what stands outside of routes', () => {
  test.for(
    linesOf(String.raw`
log_level = 3 udp_workers = 2
socket=udp:127.0.0.1:5060
mpath="/x/" loadmodule "event_rabbitmq.so"`),
  )('%s is read', (text) => {
    expect(isRead(`${text}\nroute { exit; }`)).toBe(true)
  })

  test.for(
    linesOf(String.raw`
"x"
;
xlog("a");
{ }
log_level 3
if (1) { exit; }
route[x] { exit; } }`),
  )('%s is refused with its place', (text) => {
    expect(isRead(`${text}\nroute { exit; }`)).toBe(false)
  })
})

describe('routes', () => {
  test.for(
    linesOf(String.raw`
route["y z"] { exit; }
route["$y"] { exit; }
route[0x10] { exit; }
failure_route[f] { exit; }
onreply_route { exit; } onreply_route[f] { exit; }
error_route { exit; }
timer_route[x, 5] { exit; } timer_route[x, 5] { exit; }
event_route["E_CORE_LOG"] { exit; }`),
  )('%s is read', (text) => {
    expect(isRead(text)).toBe(true)
  })

  test.for(
    linesOf(String.raw`
route[y] { }
route[] { exit; }
route[y z] { exit; }
route[$var(x)] { exit; }
route[-1] { exit; }
route[y] { exit; } route["y"] { exit; }
route[y, 5] { exit; }
route y { exit; }
failure_route { exit; }
branch_route { exit; }
error_route[x] { exit; }
startup_route[x] { exit; }
timer_route[x] { exit; }
timer_route[x, "5"] { exit; }
event_route { exit; }
event_route[E_CORE_LOG, sync] { exit; }`),
  )('%s is refused with its place', (text) => {
    expect(isRead(text)).toBe(false)
  })
})
