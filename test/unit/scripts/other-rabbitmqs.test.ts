import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { otherRabbitmqs } from '../../../scripts/rabbitmq/other-rabbitmqs.ts'

test.each(otherRabbitmqs)('each file that runs on RabbitMQ $version is there', ({ files }) => {
  expect(Object.keys(files).filter((file) => !existsSync(file))).toEqual([])
})
