/** A version of RabbitMQ beside the machine's own, and the files of tests that run on it, each with the reason. */
export interface TestedRabbitmq {
  readonly version: string
  readonly files: Readonly<Record<string, string>>
}

/**
 * What `npm test` runs on other versions than 3.10, which has the whole suite: files whose outcome depends on what RabbitMQ
 * answers (docs/rabbitmq.md), as far as a run stays below half an hour. All of them: `npm test -- --rabbitmq 4.3`.
 */
export const otherRabbitmqs: readonly TestedRabbitmq[] = [
  {
    version: '4.3',
    files: {
      'test/e2e/broker/broker-replies.test.ts': 'the wording of refusals differs',
      'test/e2e/broker/cluster.test.ts':
        'Khepri in the place of Mnesia: what a node that is gone leaves behind, and how long a question about it takes',
      'test/e2e/check/check.test.ts':
        'what a missing permission is called, and what a passive declare answers',
      'test/e2e/check/check-route.test.ts': 'what the management API says of bindings',
      'test/e2e/broker/declare.test.ts': 'types of queues, and what the broker refuses of them',
      'test/e2e/check/management.test.ts': 'documents and refusals of the management API',
      'test/e2e/check/map.test.ts': 'documents of the management API',
      'test/e2e/check/check-many.test.ts': 'limits of channels, and passive declares by the hundred',
      'test/e2e/raise/raise-many.test.ts': 'limits of channels, and which message closed one',
      'test/e2e/raise/raise-outcomes.test.ts': 'returned, rejected and refused messages',
      'test/e2e/raise/raise-stream.test.ts': 'confirms of a stream',
      'test/e2e/raise/raise-stream-lines.test.ts': 'refusals in the middle of a stream',
      'test/e2e/raise/raise-stream-end.test.ts': 'what is in flight when a stream ends',
      'test/e2e/raise/raise-verify.test.ts': "queues of evi's own beside those of others",
      'test/e2e/broker/replies.test.ts': 'the sentences of the broker that evi reads',
      'test/e2e/broker/routing.test.ts': 'kinds of exchanges, alternates',
      'test/e2e/tail/tail-exchanges.test.ts': 'which kinds of exchanges copy',
      'test/e2e/tail/tail-many.test.ts': 'bindings by the hundred, which Khepri writes to disk',
      'test/e2e/tail/tail-peek.test.ts': 'what returns to its place in which kind of queue',
      'test/e2e/tail/tail-stream.test.ts': 'streams, their offsets and filters',
      'test/e2e/tail/tail.test.ts': 'transient and exclusive queues, which 4.3 allows less of',
    },
  },
  {
    version: '4.0',
    files: {
      'test/e2e/check/check.test.ts': 'what a missing permission is called',
      'test/e2e/check/check-route.test.ts': 'what the management API says of bindings',
      'test/e2e/check/management.test.ts': 'documents and refusals of the management API',
      'test/e2e/check/map.test.ts': 'documents of the management API',
    },
  },
]
