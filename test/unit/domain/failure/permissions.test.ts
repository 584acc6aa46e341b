import { describe, expect, test } from 'vitest'
import {
  harmlesslyWatched,
  permit,
  permitTopics,
  publishingNeeds,
  topicNeeds,
  watchingNeeds,
} from '#lib/domain/failure/permissions.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'

const at = (place: string) => parseSocket(`rabbitmq:u:p@h/${place}`)
const upTo = (count: number, place: (number: number) => string) =>
  Array.from({ length: count }, (_, number) => at(place(number)))

describe('a command for the exchanges of a login', () => {
  test('names each of twenty', () => {
    const command = permit(at('q'), 'u', publishingNeeds(upTo(20, (number) => `ex.${number}?k`)))
    expect(command).toMatch(/'\^\(ex\\\.0\|ex\\\.1\|.+\|ex\\\.19\)\$'/)
    expect(command).not.toContain('\n')
  })

  test('permits all that begin as they do where they are more, and says so', () => {
    const command = permit(at('q'), 'u', publishingNeeds(upTo(2000, (number) => `ex.(${number}?k`)))
    expect(command.split('\n')).toEqual([
      "rabbitmqctl set_permissions u '^$' '^ex\\.\\(.*$' '^$'",
      'evi needs 2000 names, too many to list; the command permits all that begin with "ex.(". Narrow it where that is too much.',
    ])
  })

  test('permits all where they have nothing in common, and says so once', () => {
    const sockets = [...upTo(20, (number) => `a${number}?k`), at('b?k')]
    const needs = watchingNeeds(sockets.map((socket) => harmlesslyWatched(socket)))
    const [command, ...notes] = permit(at('q'), 'u', needs).split('\n')
    expect(command).toBe("rabbitmqctl set_permissions u '^amq\\.gen-.*$' '^amq\\.gen-.*$' '^.*$'")
    expect(notes).toEqual([
      'evi needs 21 names, too many to list; the command permits all there are. Narrow it where that is too much.',
    ])
  })

  test("keeps evi's own queues beside names that begin otherwise", () => {
    const needs = watchingNeeds(
      upTo(30, (number) => `ex${number}?k`).map((socket) => harmlesslyWatched(socket)),
    )
    expect(permit(at('q'), 'u', needs)).toContain("'^(ex.*|amq\\.gen-.*)$'")
  })
})

describe('a command for the routing keys of a login', () => {
  test('names those of the exchange, to publish and to bind', () => {
    const sockets = [at('t?a'), at('t?b.#'), at('other?c')]
    const needs = topicNeeds(
      't',
      sockets,
      sockets.slice(1).map((socket) => harmlesslyWatched(socket)),
    )
    expect(permitTopics(at('q'), { user: 'u', exchange: 't' }, needs)).toBe(
      "rabbitmqctl set_topic_permissions u t '^(a|b\\.#)$' '^b\\.#$'",
    )
  })

  test('permits all that begin as they do where they are many', () => {
    const needs = topicNeeds(
      't',
      upTo(30, (number) => `t?z${number}`),
      [],
    )
    expect(permitTopics(at('q'), { user: 'u', exchange: 't' }, needs).split('\n')).toEqual([
      "rabbitmqctl set_topic_permissions u t '^z.*$' '^$'",
      'evi needs 30 routing keys, too many to list; the command permits all that begin with "z". Narrow it where that is too much.',
    ])
  })
})
