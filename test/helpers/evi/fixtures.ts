import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { Client } from '../brokers/client.ts'
import { Evi } from './evi.ts'

/** The evi of the test that runs, after `useEvi`. */
export let evi: Evi

/** Gives each test of the file an evi with a configuration directory of its own. */
export function useEvi(): void {
  beforeEach(() => {
    evi = new Evi()
  })
  afterEach(() => evi.dispose())
}

/** The client of the file, after `useClient`. */
export let client: Client

/** Gives the tests of the file another client of the broker, to see what evi really did there. */
export function useClient(): void {
  beforeAll(async () => {
    client = await Client.connect()
  })
  // What the broker refused in one test must not fail the next.
  beforeEach(() => client.reopen())
  afterAll(() => client.close())
}

/** The same with a client for each test, whose queues end with it. */
export function useClientPerTest(): void {
  beforeEach(async () => {
    client = await Client.connect()
  })
  afterEach(() => client.close())
}
