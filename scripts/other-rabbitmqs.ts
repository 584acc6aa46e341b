/** A version of RabbitMQ beside the machine's own, and the files of tests that run on it, each with the reason. */
export interface TestedRabbitmq {
  readonly version: string
  readonly files: Readonly<Record<string, string>>
}

/**
 * What `npm test` runs on other versions than 3.10, which has the whole suite: the files whose outcome depends on what
 * RabbitMQ answers (docs/rabbitmq.md). The others test evi's own doing; all of them run with `npm test -- --rabbitmq 4.3`.
 */
export const otherRabbitmqs: readonly TestedRabbitmq[] = [
  {
    version: '4.3',
    files: {
      'test/e2e/broker-replies.test.ts': 'the wording of refusals differs',
      'test/e2e/check.test.ts': 'what a missing permission is called, and what a passive declare answers',
      'test/e2e/cluster.test.ts':
        'Khepri keeps the queues of a lost node, and a passive declare of them waits',
      'test/e2e/declare.test.ts': 'types of queues, and what the broker refuses of them',
      'test/e2e/management.test.ts': 'documents and refusals of the management API',
      'test/e2e/map.test.ts': 'documents of the management API',
      'test/e2e/raise-outcomes.test.ts': 'returned, rejected and refused messages',
      'test/e2e/raise-stream-loss.test.ts': 'how a broker ends, and what it has confirmed by then',
      'test/e2e/raise-verify.test.ts': 'kinds of exchanges, and bindings of the own queue',
      'test/e2e/replies.test.ts': 'the sentences of the broker that evi reads',
      'test/e2e/routing.test.ts': 'kinds of exchanges, alternates',
      'test/e2e/tail-exchanges.test.ts': 'which kinds of exchanges copy',
      'test/e2e/tail-firehose.test.ts': 'the trace of the broker',
      'test/e2e/tail-peek.test.ts': 'quorum queues put messages back in another order',
      'test/e2e/tail-recovery.test.ts': 'how a broker ends, and which queues outlive it',
      'test/e2e/tail-stream.test.ts': 'streams',
      'test/e2e/tls.test.ts': 'the TLS of another Erlang',
    },
  },
  {
    version: '4.0',
    // Not the cluster: it keeps its queues as 3.10 does (Mnesia), and lets a declare wait as 4.3 does, for 5 minutes in all.
    files: {
      'test/e2e/broker-replies.test.ts': 'the wording of refusals differs from both',
      'test/e2e/check.test.ts': 'what a missing permission is called',
      'test/e2e/management.test.ts': 'documents and refusals of the management API',
      'test/e2e/map.test.ts': 'documents of the management API',
    },
  },
]
