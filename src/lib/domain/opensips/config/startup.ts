import type { Token } from '#lib/domain/opensips/config/syntax/lexer.ts'
import type {
  Config,
  Route,
  Statement,
  SubscribeStatement,
} from '#lib/domain/opensips/config/syntax/statement.ts'
import { baseOf, canonicalName } from '#lib/domain/opensips/config/syntax/variables.ts'
import { canRegister } from '#lib/domain/opensips/registered-event.ts'
import { type Doubt, type Made, MadeSubscriptions } from './made-subscriptions.ts'
import { isInteger, type Resolved, resolve, resolveSum, type Values } from './values.ts'

/** With its place in the order in which OpenSIPS makes them. */
export type OrderedMade = Made & { readonly order: number }

export interface StartupOptions {
  /** Values that are given, by their variable's name with the `$`. */
  readonly defined: Values
  /** Whether OpenSIPS takes the socket. */
  readonly accepts: (socket: string) => boolean
}

/** Statements that are followed again, so that routes that call each other in a tangle come to an end. */
const mostRepeated = 100_000
/** Routes that call each other. */
const deepestCall = 50

/**
 * Follows what OpenSIPS runs at startup, `startup_route` and the routes it calls, and gives all subscriptions of the
 * configuration, in the order of the file: with the values that variables have by then, and whether it is certain.
 */
export function subscriptionsOf({ routes }: Config, options: StartupOptions): readonly OrderedMade[] {
  const walk = new Walk(routes, options)
  const startup = routes.find(({ name }) => name === 'startup_route')
  if (startup) walk.run(startup)
  for (const route of routes) {
    for (const statement of subscribesIn(route.statements)) walk.addUnseen(route, statement)
  }
  return walk
    .made()
    .map((made, order) => ({ ...made, order }))
    .toSorted((one, other) => one.statement.at - other.statement.at)
}

/** What may be over after a statement. */
interface Flow {
  /** Nothing behind it is run. */
  ends: boolean
  mayEndRoute: boolean
  mayEndScript: boolean
}

class Walk {
  readonly #routes: ReadonlyMap<string, Route>
  readonly #options: StartupOptions
  readonly #made = new MadeSubscriptions()
  readonly #stack: Route[] = []
  readonly #ran = new Set<Route>()
  #values: Map<string, string | number>
  #stepsLeft: number

  constructor(routes: readonly Route[], options: StartupOptions) {
    this.#routes = new Map(routes.map((route) => [route.name, route]))
    this.#options = options
    this.#values = new Map(options.defined)
    this.#stepsLeft = routes.reduce((sum, { statements }) => sum + numberOf(statements), mostRepeated)
  }

  made(): readonly Made[] {
    return this.#made.all()
  }

  run(route: Route): void {
    this.#run(route, true)
  }

  /** One that no route of the startup comes to. */
  addUnseen(route: Route, statement: SubscribeStatement): void {
    if (this.#made.has(statement)) return
    this.#values = new Map(this.#options.defined)
    const doubt = route.name === '' ? 'no-route' : this.#ran.has(route) ? 'condition' : 'other-route'
    this.#add(route, statement, doubt)
  }

  /** @returns whether the script may end in it, or does */
  #run(route: Route, isCertain: boolean): Flow {
    this.#stack.push(route)
    this.#ran.add(route)
    const flow = this.#follow(route.statements, route, isCertain)
    this.#stack.pop()
    return {
      ends: flow.ends && flow.mayEndScript && !flow.mayEndRoute,
      mayEndRoute: false,
      mayEndScript: flow.mayEndScript,
    }
  }

  #follow(statements: readonly Statement[], route: Route, isCertain: boolean): Flow {
    const flow: Flow = { ends: false, mayEndRoute: false, mayEndScript: false }
    for (const statement of statements) {
      if (flow.ends || this.#stepsLeft-- <= 0) break
      const certain = isCertain && !flow.mayEndRoute && !flow.mayEndScript
      const after = this.#step(statement, route, certain)
      flow.mayEndRoute ||= after.mayEndRoute
      flow.mayEndScript ||= after.mayEndScript
      flow.ends = after.ends
    }
    return flow
  }

  #step(statement: Statement, route: Route, isCertain: boolean): Flow {
    switch (statement.kind) {
      case 'subscribe':
        this.#add(route, statement, isCertain ? undefined : 'condition')
        return goesOn
      case 'end':
        return {
          ends: true,
          mayEndRoute: statement.of === 'route',
          mayEndScript: statement.of === 'script',
        }
      case 'assign':
        this.#assign(statement.variable, resolveSum(statement.value, this.#values))
        return goesOn
      case 'forget':
        for (const variable of statement.variables) this.#assign(variable, undefined)
        return goesOn
      case 'call':
        return this.#call(statement.route, isCertain)
      case 'branch':
        return this.#branch(statement, route, isCertain)
    }
  }

  #call(name: string | undefined, isCertain: boolean): Flow {
    const route = name === undefined ? undefined : this.#routes.get(`route[${name}]`)
    if (route && !this.#stack.includes(route) && this.#stack.length < deepestCall)
      return this.#run(route, isCertain)
    // What is not followed may do anything.
    this.#forgetAll()
    return { ends: false, mayEndRoute: false, mayEndScript: true }
  }

  #branch({ arms, outcome, loop }: Statement & { kind: 'branch' }, route: Route, isCertain: boolean): Flow {
    if (outcome && this.#isMade(outcome.of)) {
      const arm = arms[outcome.isFailure ? 1 : 0]
      return arm === undefined ? goesOn : this.#follow(arm, route, isCertain)
    }
    if (loop) this.#forgetAll()
    const before = this.#values
    const changed = new Set<string>()
    const flow: Flow = { ends: false, mayEndRoute: false, mayEndScript: false }
    for (const arm of arms) {
      this.#values = new Map(before)
      const after = this.#follow(arm, route, false)
      flow.mayEndRoute ||= after.mayEndRoute
      flow.mayEndScript ||= after.mayEndScript
      for (const name of before.keys()) if (this.#values.get(name) !== before.get(name)) changed.add(name)
    }
    this.#values = before
    for (const name of changed) this.#values.delete(name)
    return flow
  }

  /** Whether OpenSIPS takes the subscription for sure. */
  #isMade({ event, socket, expire }: SubscribeStatement): boolean {
    const resolved = resolve(socket, this.#values)
    const isRegistered = event.kind === 'string' && canRegister(event.value)
    const isAccepted = 'value' in resolved && this.#options.accepts(resolved.value)
    return isRegistered && isAccepted && this.#isExpiry(expire) === true
  }

  /** Whether OpenSIPS takes it for an expiry, an integer; undefined where a variable is not known. */
  #isExpiry(expire: Token | undefined): boolean | undefined {
    if (expire === undefined || this.#options.defined.has(expire.value)) return true
    return isInteger(expire, this.#values)
  }

  #assign(written: string, value: string | number | undefined): void {
    const variable = baseOf(written)
    if (this.#options.defined.has(variable)) return
    // Of several values by an index it is not known which one is read.
    if (value === undefined || canonicalName(written) !== variable) this.#values.delete(variable)
    else this.#values.set(variable, value)
  }

  #forgetAll(): void {
    this.#values = new Map(this.#options.defined)
  }

  #add(route: Route, statement: SubscribeStatement, doubt: Doubt | undefined): void {
    const [event, socket] = [statement.event, statement.socket].map((token) =>
      resolve(token, this.#values),
    ) as [Resolved, Resolved]
    const expire = statement.expire && resolve(statement.expire, this.#values)
    const isExpiry = this.#isExpiry(statement.expire)
    const made: Made = {
      statement,
      route,
      event,
      socket,
      expire,
      isExpiryText: isExpiry === false,
      doubt: doubt ?? (isExpiry === undefined ? 'expiry' : undefined),
    }
    this.#made.add(made)
  }
}

const goesOn: Flow = { ends: false, mayEndRoute: false, mayEndScript: false }

function numberOf(statements: readonly Statement[]): number {
  const inArms = (statement: Statement) =>
    statement.kind === 'branch' ? statement.arms.reduce((sum, arm) => sum + numberOf(arm), 0) : 0
  return statements.reduce((sum, statement) => sum + 1 + inArms(statement), 0)
}

function* subscribesIn(statements: readonly Statement[]): Generator<SubscribeStatement> {
  for (const statement of statements) {
    if (statement.kind === 'subscribe') yield statement
    else if (statement.kind === 'branch') for (const arm of statement.arms) yield* subscribesIn(arm)
  }
}
