import type { Token } from '#lib/domain/opensips/config/syntax/lexer.ts'
import {
  type Config,
  countStatements,
  type Route,
  type Statement,
  type SubscribeStatement,
  subscribesIn,
} from '#lib/domain/opensips/config/syntax/statement.ts'
import { canRegister } from '#lib/domain/opensips/registered-event.ts'
import { type Doubt, type Made, MadeSubscriptions } from './made-subscriptions.ts'
import { RouteVariables } from './route-variables.ts'
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
  readonly #variables: RouteVariables
  #stepsLeft: number

  constructor(routes: readonly Route[], options: StartupOptions) {
    this.#routes = new Map(routes.map((route) => [route.name, route]))
    this.#options = options
    this.#variables = new RouteVariables(options.defined)
    this.#stepsLeft = routes.reduce((sum, { statements }) => sum + countStatements(statements), mostRepeated)
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
    this.#variables.forgetAll()
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
        this.#variables.assign(statement.variable, resolveSum(statement.value, this.#variables.values))
        return goesOn
      case 'forget':
        for (const variable of statement.variables) this.#variables.assign(variable, undefined)
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
    this.#variables.forgetAll()
    return { ends: false, mayEndRoute: false, mayEndScript: true }
  }

  #branch({ arms, outcome, loop }: Statement & { kind: 'branch' }, route: Route, isCertain: boolean): Flow {
    if (outcome && this.#isMade(outcome.of)) {
      const arm = arms[outcome.isFailure ? 1 : 0]
      return arm === undefined ? goesOn : this.#follow(arm, route, isCertain)
    }
    if (loop) this.#variables.forgetAll()
    const flow: Flow = { ends: false, mayEndRoute: false, mayEndScript: false }
    this.#variables.afterAnyOf(arms, (arm) => {
      const after = this.#follow(arm, route, false)
      flow.mayEndRoute ||= after.mayEndRoute
      flow.mayEndScript ||= after.mayEndScript
    })
    return flow
  }

  /** Whether OpenSIPS takes the subscription for sure. */
  #isMade({ event, socket, expire }: SubscribeStatement): boolean {
    const resolved = resolve(socket, this.#variables.values)
    const isRegistered = event.kind === 'string' && canRegister(event.value)
    const isAccepted = 'value' in resolved && this.#options.accepts(resolved.value)
    return isRegistered && isAccepted && this.#isExpiry(expire) === true
  }

  /** Whether OpenSIPS takes it for an expiry, an integer; undefined where a variable is not known. */
  #isExpiry(expire: Token | undefined): boolean | undefined {
    if (expire === undefined || this.#variables.isDefined(expire.value)) return true
    return isInteger(expire, this.#variables.values)
  }

  #add(route: Route, statement: SubscribeStatement, doubt: Doubt | undefined): void {
    const [event, socket] = [statement.event, statement.socket].map((token) =>
      resolve(token, this.#variables.values),
    ) as [Resolved, Resolved]
    const expire = statement.expire && resolve(statement.expire, this.#variables.values)
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
