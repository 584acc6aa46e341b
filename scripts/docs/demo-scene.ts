// What the demo shows, run by `evi sandbox -- …`, which puts the socket into EVI_SANDBOX_SOCKET and its management API beside it.
import { show, start } from './evi.ts'

const event = 'E_PIKE_BLOCKED'

// The sandbox's socket leads to a queue; a topic exchange can be watched beside it.
const socket = (process.env.EVI_SANDBOX_SOCKET ?? '').replace(/[^/]*$/, 'amq.topic?sip.pike')

await evi('subscribe', event, socket)
await evi('list')
await evi('declare', event, '--queue', 'pike', '--yes')
// Without it tail remarks on policies that AMQP does not show.
const management = ['--management', process.env.EVI_SANDBOX_MANAGEMENT_URL ?? '']
const arrival = await watch('tail', event, '--count', '1', '--timeout', '10', ...management)
await evi('raise', event, '--param', 'ip=192.168.2.11', '--sync')
endUnlessGood(await arrival.ended)
await evi('unsubscribe', event, '--all')

async function evi(...words: string[]): Promise<void> {
  show(...words)
  endUnlessGood(await start(words).ended)
}

/** Starts a command that goes on; resolves once it says that it watches. */
async function watch(...words: string[]): Promise<{ ended: Promise<number> }> {
  show(...words, '&')
  const { child, ended } = start(words, { stdio: ['ignore', 'inherit', 'pipe'] })
  await new Promise<unknown>((resolve) => {
    child.stderr?.on('data', (text: Buffer) => {
      process.stderr.write(text)
      if (String(text).includes('Watching')) resolve(undefined)
    })
    ended.then(resolve)
  })
  return { ended }
}

function endUnlessGood(code: number): void {
  if (code !== 0) process.exit(code)
}
