/** A version of RabbitMQ beside the machine's own, and the end-to-end tests that run on it. */
export interface TestedRabbitmq {
  readonly version: string
  /** Arguments of vitest. */
  readonly tests: readonly string[]
}

/** Files of tests, each with the reason why it stands here. */
type Files = Readonly<Record<string, string>>

/** Files that ask no broker, so that another version cannot change their outcome. */
export const withoutBroker: Files = {
  'test/e2e/broker/broken-broker.test.ts': 'its brokers are stand-ins that break AMQP',
  'test/e2e/opensips/opensips-export.test.ts': 'prints the store for OpenSIPS',
  'test/e2e/output/completion.test.ts': 'completes in shells',
  'test/e2e/output/did-you-mean.test.ts': 'refuses what it does not know',
  'test/e2e/output/help.test.ts': 'prints help',
  'test/e2e/output/looks.test.ts': 'prints what is in the store',
  'test/e2e/output/readme.test.ts': 'compares files of the project',
  'test/e2e/program/code-cache.test.ts': "evi's own cache of code",
  'test/e2e/program/debugging.test.ts': 'stacks of an error',
  'test/e2e/program/processes.test.ts': "evi's own processes",
  'test/e2e/program/program-files.test.ts': "evi's own files",
  'test/e2e/program/two-programs.test.ts': 'compares two builds of evi without a broker',
  'test/e2e/program/unknown-user.test.ts': 'starts as a user without a name',
  'test/e2e/subscriptions/prompts.test.ts': 'asks in a terminal and writes the store',
  'test/e2e/subscriptions/settings.test.ts': 'reads and writes settings',
  'test/e2e/subscriptions/store.test.ts': 'reads, writes and repairs the store',
  'test/e2e/subscriptions/subscriptions.test.ts': 'reads and writes the store',
  'test/e2e/subscriptions/tls-domain.test.ts': 'reads and writes TLS domains',
}

/** Files whose outcome differs between 3.10 and 4.0 (docs/rabbitmq.md). */
export const differingOn40: Files = {
  'test/e2e/check/check.test.ts': 'what a missing permission is called',
  'test/e2e/check/check-route.test.ts': 'what the management API says of bindings',
  'test/e2e/check/management.test.ts': 'documents and refusals of the management API',
  'test/e2e/check/map.test.ts': 'documents of the management API',
}

/**
 * What `npm test` runs on other versions than 3.10, which has all tests: on 4.3 each file of end-to-end tests that asks a
 * broker, a new one by itself; on 4.0, which is between them, what differs.
 */
export const otherRabbitmqs: readonly TestedRabbitmq[] = [
  {
    version: '4.3',
    tests: ['--project', 'broker', ...Object.keys(withoutBroker).flatMap((file) => ['--exclude', file])],
  },
  { version: '4.0', tests: Object.keys(differingOn40) },
]
