// What `evi sandbox` waits for as RabbitMQ starts, for tests of what it does with its own processes and a command.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { start } from '../broken-broker.ts'

const config = readFileSync(String(process.env.RABBITMQ_CONFIG_FILE), 'utf8')
const [, host, port] = /^listeners\.tcp\.1 = (.+):(\d+)$/m.exec(config) ?? []
const server = createServer((client) =>
  client.on('error', () => {}).once('data', () => client.write(start({ version: '0.0' }))),
)
server.listen(Number(port), host, () => console.log(' completed with 0 plugins'))
