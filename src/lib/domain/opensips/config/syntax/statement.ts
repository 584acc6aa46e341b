import type { Token } from './lexer.ts'

/** `subscribe_event(event, socket[, expire])`. */
export interface SubscribeStatement {
  readonly kind: 'subscribe'
  readonly at: number
  /** A string or a variable. */
  readonly event: Token
  /** A string or a variable. */
  readonly socket: Token
  /** A number or a variable. */
  readonly expire: Token | undefined
}

/** What a route does, as far as it matters for its subscriptions. */
export type Statement =
  | SubscribeStatement
  /** Another route is run; undefined where its name is known at run time only. */
  | { readonly kind: 'call'; readonly at: number; readonly route: string | undefined }
  /** The route, or all, ends here. */
  | { readonly kind: 'end'; readonly of: 'route' | 'script' }
  /** A variable gets a new value: a sum of strings, numbers and variables, or undefined for another one. */
  | { readonly kind: 'assign'; readonly variable: string; readonly value: readonly Token[] | undefined }
  /** Variables may get another value. */
  | { readonly kind: 'forget'; readonly variables: readonly string[] }
  /** At most one of the arms is run, again and again in a loop. With an outcome the first where that is so, else the second. */
  | {
      readonly kind: 'branch'
      readonly arms: readonly (readonly Statement[])[]
      readonly outcome?: Outcome | undefined
      readonly loop?: boolean
    }

/** That a subscription is made, or fails. */
export interface Outcome {
  readonly of: SubscribeStatement
  readonly isFailure: boolean
}

export interface Route {
  /** As it stands in the file: `startup_route`, `route`, `route[name]`, `timer_route[name]`. */
  readonly name: string
  /** Where it begins; undefined for statements outside of any route. */
  readonly at: number
  readonly statements: readonly Statement[]
}

/** `modparam(module, name, value)`. */
export interface ModuleParameter {
  readonly at: number
  /** A regular expression for the whole name. */
  readonly module: string
  readonly name: string
  readonly value: string | number
}

/** The parts of a configuration that matter to the Event Interface. */
export interface Config {
  readonly routes: readonly Route[]
  readonly parameters: readonly ModuleParameter[]
  /** Loaded modules, without their directory and `.so`, and where. */
  readonly modules: ReadonlyMap<string, number>
  /** Where a comment begins that has no end. */
  readonly openComment: number | undefined
}

/** How many statements these are, with those in branches. */
export function countStatements(statements: readonly Statement[]): number {
  const inArms = (statement: Statement) =>
    statement.kind === 'branch' ? statement.arms.reduce((sum, arm) => sum + countStatements(arm), 0) : 0
  return statements.reduce((sum, statement) => sum + 1 + inArms(statement), 0)
}

/** The subscriptions among these, with those in branches. */
export function* subscribesIn(statements: readonly Statement[]): Generator<SubscribeStatement> {
  for (const statement of statements) {
    if (statement.kind === 'subscribe') yield statement
    else if (statement.kind === 'branch') for (const arm of statement.arms) yield* subscribesIn(arm)
  }
}
