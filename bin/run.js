#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { supportedNode, unsupportedMessage } from './supported-node.js'

if (supportedNode(process.versions.node)) {
  const { runProgram } = await import('../dist/lib/program.js')
  await runProgram(fileURLToPath(new URL('..', import.meta.url)))
} else {
  process.stderr.write(unsupportedMessage(process.versions.node))
  process.exit(70)
}
