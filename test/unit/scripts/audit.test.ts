import { expect, test } from 'vitest'
import { readAudit } from '../../../scripts/test/audit.ts'

const found = (severity: string) => ({ vulnerabilities: { left: { name: 'left', severity, range: '*' } } })

test.each([
  ['nothing is known', { auditReportVersion: 2, vulnerabilities: {} }, []],
  ['something moderate', found('moderate'), []],
  ['something grave', found('high'), ['left']],
  ['something critical', found('critical'), ['left']],
  ['the registry cannot be reached', { message: 'request to … failed', error: { summary: '' } }, undefined],
])('npm audit says that %s', (_what, document, names) => {
  expect(readAudit(JSON.stringify(document))?.map(({ name }) => name)).toEqual(names)
})

test('npm audit says nothing, as it was ended', () => {
  expect(readAudit('')).toBeUndefined()
})
