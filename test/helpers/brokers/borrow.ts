import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { LentBroker, Loan } from './broker-pool.ts'

/** Waits for a broker of the pool that listens on the port; `stop` gives it back. */
export async function borrow(port: number): Promise<LentBroker & { stop(): Promise<void> }> {
  const connection = connect(port, '127.0.0.1')
  const [line] = await once(createInterface(connection), 'line')
  const loan: Loan = JSON.parse(line)
  if ('failure' in loan) throw new Error(loan.failure)
  const stop = async () => {
    connection.destroy()
    await once(connection, 'close')
  }
  return { ...loan.broker, stop }
}
