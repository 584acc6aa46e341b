import { grantedBy, type PublishFailure } from '#lib/domain/failure/failure.ts'
import {
  type Needs,
  permit,
  permitTopics,
  publishingNeeds,
  type TopicNeeds,
  topicNeeds,
  type WatchedPlace,
  withRefused,
} from '#lib/domain/failure/permissions.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { type EviError, type MissingTopic, PermissionMissing, TopicPermissionMissing } from '#lib/errors.ts'

/**
 * What it takes to publish to all sockets of a login, and to watch places. Each command that grants something replaces what another
 * one granted, so one that names less would cut off what works.
 */
export class LoginPermissions {
  readonly #sockets: readonly Socket[]
  readonly #watched: readonly WatchedPlace[]
  #needs: Needs | undefined
  /** Commands by what they grant, as the same is missing for thousands of sockets. */
  readonly #commands = new Map<string, string>()
  readonly #topics = new Map<string, TopicNeeds>()

  /** @param sockets that are published to */
  constructor(sockets: readonly Socket[], watched: readonly WatchedPlace[] = []) {
    this.#sockets = sockets
    this.#watched = watched
  }

  /** The outcome, where a permission is missing with one command that grants all of them. */
  inOutcome<T extends object>(socket: Socket, outcome: T | PublishFailure): T | PublishFailure {
    if ('topic' in outcome && outcome.topic) {
      const { topic } = outcome
      return { ...outcome, hint: topic.hintFor(this.#topicCommand(socket, topic)) }
    }
    return grantedBy(outcome, (user) => this.#command(socket, user))
  }

  /** The error likewise. */
  inError(socket: Socket, error: EviError): EviError {
    if (error instanceof TopicPermissionMissing)
      return error.grantedBy(this.#topicCommand(socket, error.topic))
    return error instanceof PermissionMissing
      ? error.grantedBy(this.#command(socket, error.permission.user))
      : error
  }

  #command(socket: Socket, user: string): string {
    this.#needs ??= publishingNeeds(this.#sockets, this.#watched)
    const needs = this.#needs
    return this.#once(JSON.stringify([user]), () => permit(socket, user, needs))
  }

  #topicCommand(socket: Socket, topic: MissingTopic): string {
    const { user, exchange, key, isToPublish } = topic
    const needs = this.#topics.get(exchange) ?? topicNeeds(exchange, this.#sockets, this.#watched)
    this.#topics.set(exchange, needs)
    if (!(isToPublish ? needs.write : needs.read).has(key))
      return permitTopics(socket, topic, withRefused(needs, topic))
    return this.#once(JSON.stringify([user, exchange]), () => permitTopics(socket, topic, needs))
  }

  #once(key: string, make: () => string): string {
    const command = this.#commands.get(key) ?? make()
    this.#commands.set(key, command)
    return command
  }
}
