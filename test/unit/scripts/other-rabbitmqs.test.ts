import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { differingOn40, withoutBroker } from '../../../scripts/rabbitmq/other-rabbitmqs.ts'

/** How a file of tests starts a broker, or comes to the one of all tests. */
const asksBroker =
  /inject\('sandbox'\)|helpers\/brokers\/(?:client|cluster|own-broker|run-sandbox|sandbox|tls-broker)\.ts|\buse(?:Client|Workplace)|startSandbox/

test.each(Object.keys({ ...differingOn40, ...withoutBroker }))('the listed file %s is there', (file) => {
  expect(existsSync(file)).toBe(true)
})

test.each(Object.keys(withoutBroker))('%s, which RabbitMQ 4.3 is spared, asks no broker', (file) => {
  expect(readFileSync(file, 'utf8')).not.toMatch(asksBroker)
})
