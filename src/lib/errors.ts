import { type ErrorCode, exitCodes } from './exit-codes.ts'

/** Codes of failures that may pass by themselves, where nothing else is known of them. */
const transientCodes: ReadonlySet<ErrorCode> = new Set(['unreachable', 'timeout', 'blocked', 'queue-locked'])

/** Whether trying again makes sense: what the broker's reply says, or else what the code says. */
export function isTransient({ code, transient }: Pick<Failure, 'code' | 'transient'>): boolean {
  return transient ?? transientCodes.has(code)
}

/** What went wrong: one shape from the broker's reply to the exit code; what is shown of it is computed by the views. */
export interface Failure {
  /** Decides the exit code. */
  readonly code: ErrorCode
  /** One sentence that names the thing. */
  readonly message: string
  /** What to do about it. */
  readonly hint?: string | undefined
  /** Whether it may pass by itself, so that trying again makes sense; undefined where the code says so. */
  readonly transient?: boolean | undefined
}

/** A failure that is thrown. */
export class EviError extends Error implements Failure {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly transient: boolean
  /** What refused says so itself: a broker that was reached, in its reply, or the limit of open files. */
  readonly transientByReply: boolean

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string | undefined; transient?: boolean | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'EviError'
    this.code = code
    this.hint = options.hint
    this.transient = isTransient({ code, transient: options.transient })
    this.transientByReply = options.transient === true
  }

  /** The process's exit code (docs/exit-codes.md). */
  get exit(): number {
    return exitCodes[this.code]
  }
}

export interface MissingPermission {
  /** Who lacks it, as the broker knows the user. */
  readonly user: string
  /** The thing that it is for is there, and only its reading was refused. */
  readonly isToRead?: boolean
  /** What to do about it. @param command grants what is needed */
  readonly hintFor: (command: string) => string
}

/** The user lacks a permission; a command that needs more than was asked for first grants all of it at once. */
export class PermissionMissing extends EviError {
  readonly permission: MissingPermission

  /** @param command grants what is needed */
  constructor(
    message: string,
    { command, cause, ...permission }: MissingPermission & { readonly command: string; cause?: unknown },
  ) {
    super('refused', message, { hint: permission.hintFor(command), transient: false, cause })
    this.permission = permission
  }

  /** The same with another command that grants what is needed. */
  grantedBy(command: string): PermissionMissing {
    return new PermissionMissing(this.message, { ...this.permission, command, cause: this.cause })
  }
}

/** What a user may not do with a routing key at a topic exchange. */
export interface MissingTopic {
  /** Who lacks it, as the broker knows the user. */
  readonly user: string
  readonly exchange: string
  readonly key: string
  /** Publishing was refused, or else a binding. */
  readonly isToPublish: boolean
  /** What to do about it. @param command grants what is needed */
  readonly hintFor: (command: string) => string
}

/** The user lacks a permission on a topic; a command for it replaces what the user may do at the exchange. */
export class TopicPermissionMissing extends EviError {
  readonly topic: MissingTopic

  /** @param command grants what is needed */
  constructor(
    message: string,
    { command, cause, ...topic }: MissingTopic & { readonly command: string; cause?: unknown },
  ) {
    super('refused', message, { hint: topic.hintFor(command), transient: false, cause })
    this.topic = topic
  }

  /** The same with another command that grants what is needed. */
  grantedBy(command: string): TopicPermissionMissing {
    return new TopicPermissionMissing(this.message, { ...this.topic, command, cause: this.cause })
  }
}

/** The broker allows this user or node no more channels, and has closed the connection. */
export class ChannelLimit extends EviError {}

/** Nothing came over the connection any more, for so many milliseconds before that was noticed. */
export class SilentConnection extends EviError {
  readonly silentMs: number

  constructor(message: string, silentMs: number) {
    super('unreachable', message)
    this.silentMs = silentMs
  }
}

/** The connection has all the channels that the broker allows on one (`channel_max`); it stays open. */
export class ConnectionFull extends EviError {}

/** The `code` of a Node.js system error (`ENOENT`, `EACCES`, …), if it is one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

const readingReasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EPERM: 'permission denied',
}

/** Why a file cannot be read, in words where they are known. */
export function readingReason(error: unknown): string {
  const code = systemCode(error)
  return code === undefined ? String(error) : (readingReasons[code] ?? code)
}

/** Stdout or stderr cannot be written, so the error cannot be written there, either. */
export class UnwritableOutput extends EviError {}

/** Why stdout or stderr cannot be written. */
export function unwritable(error: Error): UnwritableOutput {
  const reason = systemCode(error) ?? error.message
  return new UnwritableOutput('cannot-write', `The output cannot be written: ${reason}.`, { cause: error })
}
