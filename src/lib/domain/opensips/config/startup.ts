import type {
  Config,
  Route,
  Statement,
  SubscribeStatement,
} from '#lib/domain/opensips/config/syntax/statement.ts'
import { baseOf, canonicalName } from '#lib/domain/opensips/config/syntax/variables.ts'
import { canRegister } from '#lib/domain/opensips/registered-event.ts'
import { type Resolved, resolve, resolveSum, type Values } from './values.ts'

/** Why it is not certain that a subscription is made at startup; undefined where it is. */
type Doubt = 'condition' | 'other-route' | 'no-route'

/** A subscription as it is made in one run of its statement. */
export interface Made {
  readonly statement: SubscribeStatement
  readonly route: Route
  readonly event: Resolved
  readonly socket: Resolved
  readonly expire: Resolved | undefined
  readonly doubt: Doubt | undefined
}

/** With its place in the order in which OpenSIPS makes them. */
export type OrderedMade = Made & { readonly order: number }

export interface StartupOptions {
  /** Values that are given, by their variable's name with the `$`. */
  readonly defined: Values
  /** Whether OpenSIPS takes the socket. */
  readonly accepts: (socket: string) => boolean
}

/** Statements that are followed, so that routes that call each other in a tangle come to an end. */
const mostSteps = 100_000
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
  /** By the places of the statements. Most are run once; the others by what each is once its variables have their values. */
  readonly #made = new Map<number, Made | Map<string, Made>>()
  readonly #stack: Route[] = []
  #values: Map<string, string>
  #steps = 0

  constructor(routes: readonly Route[], options: StartupOptions) {
    this.#routes = new Map(routes.map((route) => [route.name, route]))
    this.#options = options
    this.#values = new Map(options.defined)
  }

  made(): readonly Made[] {
    return [...this.#made.values()].flatMap((made) => (made instanceof Map ? [...made.values()] : made))
  }

  run(route: Route): void {
    this.#run(route, true)
  }

  /** One that no route of the startup comes to. */
  addUnseen(route: Route, statement: SubscribeStatement): void {
    if (this.#made.has(statement.at)) return
    this.#values = new Map(this.#options.defined)
    const doubt =
      route.name === '' ? 'no-route' : route.name === 'startup_route' ? 'condition' : 'other-route'
    this.#add(route, statement, doubt)
  }

  /** @returns whether the script may end in it, or does */
  #run(route: Route, isCertain: boolean): Flow {
    this.#stack.push(route)
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
      if (flow.ends || ++this.#steps > mostSteps) break
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
        return this.#branch(statement, route)
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

  #branch({ arms, unless, loop }: Statement & { kind: 'branch' }, route: Route): Flow {
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
    if (unless && this.#isMade(unless)) return goesOn
    for (const name of changed) this.#values.delete(name)
    return flow
  }

  /** Whether OpenSIPS takes the subscription, so that what stands there for its failure is not run. */
  #isMade({ event, socket }: SubscribeStatement): boolean {
    const resolved = resolve(socket, this.#values)
    const isRegistered = event.kind === 'string' && canRegister(event.value)
    return isRegistered && 'value' in resolved && this.#options.accepts(resolved.value)
  }

  #assign(written: string, value: string | undefined): void {
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
    const made = { statement, route, event, socket, expire, doubt }
    const before = this.#made.get(statement.at)
    if (before === undefined) {
      this.#made.set(statement.at, made)
      return
    }
    const runs = before instanceof Map ? before : new Map([[outcomeOf(before), before]])
    this.#made.set(statement.at, runs)
    const same = runs.get(outcomeOf(made))
    if (!same || same.doubt) runs.set(outcomeOf(made), made)
  }
}

/** What is the same for runs with the same values. */
function outcomeOf({ event, socket, expire }: Made): string {
  return JSON.stringify([event, socket, expire])
}

const goesOn: Flow = { ends: false, mayEndRoute: false, mayEndScript: false }

function* subscribesIn(statements: readonly Statement[]): Generator<SubscribeStatement> {
  for (const statement of statements) {
    if (statement.kind === 'subscribe') yield statement
    else if (statement.kind === 'branch') for (const arm of statement.arms) yield* subscribesIn(arm)
  }
}
