import { expect, test } from 'vitest'
import { type ErrorCode, exitCodeOfAll } from '#lib/exit-codes.ts'
import { supportedNode } from '../../bin/supported-node.js'

test.each<[number, number, ErrorCode[]]>([
  [0, 2, []],
  [3, 1, ['refused']],
  [77, 0, ['refused']],
  [77, 0, ['timeout', 'unroutable', 'no-exchange', 'unreachable', 'refused']],
  [69, 0, ['timeout', 'unroutable', 'no-exchange', 'unreachable']],
  [76, 0, ['timeout', 'unroutable', 'precondition']],
  [5, 0, ['rejected', 'unroutable', 'blocked']],
  [75, 0, ['rejected', 'blocked', 'timeout']],
])('exit code %i for %i served and the failures %j', (exit, served, failures) => {
  expect(exitCodeOfAll(served, failures)).toBe(exit)
})

test.each([
  ['26.0.0', true],
  ['27.1.0', true],
  ['25.9.0', false],
  ['24.15.0', true],
  ['24.14.9', false],
  ['23.11.0', false],
  ['22.22.2', true],
  ['22.22.1', false],
  ['22.23.0', true],
  ['20.20.2', false],
])('Node %s is supported: %s', (version, supported) => {
  expect(supportedNode(version)).toBe(supported)
})
