#!/usr/bin/env node
import { supportedNode, unsupportedMessage } from './supported-node.js'

if (supportedNode(process.versions.node)) {
  const { runProgram } = await import('../dist/lib/program.js')
  await runProgram(new URL('..', import.meta.url).pathname)
} else {
  process.stderr.write(unsupportedMessage(process.versions.node))
  process.exit(70)
}
