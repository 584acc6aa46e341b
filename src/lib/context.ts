/** What a command works with: the only place that picks real adapters, each loaded when it is first used. */
export interface Context {
  readonly environment: Readonly<Record<string, string | undefined>>
}

export interface ContextOptions {
  readonly configDirectory: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

export function createContext(options: ContextOptions): Context {
  return { environment: options.environment }
}
