import { afterEach, beforeEach } from 'vitest'
import type { StandInOptions } from './stand-in.ts'
import { type StandInOpenSips, startStandIn } from './stand-in-opensips.ts'

/** The OpenSIPS of the test that runs, after `useOpenSips`. */
export let opensips: StandInOpenSips

/** Gives each test of the file a stand-in of OpenSIPS; called before `useEvi`, so that it outlives what asks it. */
export function useOpenSips(): void {
  beforeEach(() => startOpenSips())
  afterEach(() => opensips.close())
}

/** Starts another one in the place of the one that a test has closed. */
export async function startOpenSips(options: StandInOptions = {}): Promise<void> {
  opensips = await startStandIn(options)
}
