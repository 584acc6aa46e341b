import { expect, test } from 'vitest'
import { supportedNode, unsupportedMessage } from '../../bin/supported-node.js'
import manifest from '../../package.json' with { type: 'json' }

const bounds = manifest.engines.node.split(' || ').map((range) => range.replace(/^\D+/, ''))

test('the versions are those of package.json', () => {
  for (const bound of bounds) {
    const [major = 0, minor = 0, patch = 0] = bound.split('.').map(Number)
    expect([bound, supportedNode(bound)]).toEqual([bound, true])
    const below =
      patch > 0 ? [major, minor, patch - 1] : minor > 0 ? [major, minor - 1, 99] : [major - 1, 99, 99]
    expect([below, supportedNode(below.join('.'))]).toEqual([below, false])
    expect(supportedNode([major, minor, patch + 1].join('.'))).toBe(true)
    expect(supportedNode([major, minor + 1, 0].join('.'))).toBe(true)
  }
})

test.each(['0.12.18', '18.20.8', '20.99.99', '21.7.3', '23.99.99', '25.99.99', '24.15.0-rc.1'])(
  'Node %s is refused',
  (version) => {
    expect(supportedNode(version)).toBe(false)
  },
)

test.each(['30.0.0', '100.1.2', '27.0.0-nightly20270401abcdef'])('Node %s is taken', (version) => {
  expect(supportedNode(version)).toBe(true)
})

test('the refusal names the version that was found, all that are taken, and the way to evi without Node', () => {
  const message = unsupportedMessage('20.1.0', '/usr/lib/node_modules/evi/docs/install.md')
  expect(message).toMatch(
    /^evi: This is Node\.js 20\.1\.0; .*\n {2}Install .*\n {2}Or .*: \/usr\/lib\/node_modules\/evi\/docs\/install\.md\n$/,
  )
  for (const bound of bounds) expect(message).toContain(bound.replace(/(?:\.0)+$/, ''))
})
