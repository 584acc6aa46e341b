#!/usr/bin/env node
const { supportedNode, unsupportedMessage } = require('./supported-node.js')

if (supportedNode(process.versions.node)) {
  // With it, oclif prints the words of the command line, a password among them; commands that evi runs still get it.
  const { DEBUG } = process.env
  delete process.env.DEBUG
  const { run } = require('./load.js').load(`${__dirname}/../dist/evi.cjs`)
  if (DEBUG !== undefined) process.env.DEBUG = DEBUG
  run()
} else {
  process.stderr.write(unsupportedMessage(process.versions.node))
  process.exitCode = 70
}
