#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { supportedNode, unsupportedMessage } from './supported-node.js'

if (supportedNode(process.versions.node)) {
  // With it, oclif prints the words of the command line, a password among them; commands that evi runs still get it.
  const { DEBUG } = process.env
  delete process.env.DEBUG
  const { runProgram } = await import('../dist/lib/program.js')
  if (DEBUG !== undefined) process.env.DEBUG = DEBUG
  await runProgram(fileURLToPath(new URL('..', import.meta.url)))
} else {
  process.stderr.write(unsupportedMessage(process.versions.node))
  process.exit(70)
}
