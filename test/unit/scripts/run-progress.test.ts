import { describe, expect, it } from 'vitest'
import { RunProgress, type Step } from '../../../scripts/test/run-progress.ts'

const file: Step = { kind: 'file', state: 'running', id: '1', name: 'a.test.ts', errors: [] }
const test: Step = { kind: 'test', state: 'running', id: '2', name: 'a.test.ts > evi works', errors: [] }

describe('the progress of a test run', () => {
  it('names what has failed and what is running', () => {
    const progress = new RunProgress()
    const ended: Step = {
      ...test,
      id: '3',
      state: 'failed',
      name: 'a.test.ts > evi fails',
      errors: ['no\nway'],
    }
    for (const step of [file, { ...ended, state: 'running' } as const, ended, test]) progress.add(step)
    expect(progress.numbers).toEqual({ passed: 0, failed: 1 })
    expect(progress.describe()).toBe(
      [
        'Passed: 0',
        'Failed: 1',
        '  ✖ a.test.ts > evi fails',
        '      no',
        '      way',
        'Running:',
        '  … a.test.ts',
        '  … a.test.ts > evi works',
        '',
      ].join('\n'),
    )
  })

  it('counts tests as passed, and a file only where it fails outside of its tests', () => {
    const progress = new RunProgress()
    for (const step of [file, test]) {
      progress.add(step)
      progress.add({ ...step, state: 'passed' })
    }
    expect(progress.numbers).toEqual({ passed: 1, failed: 0 })
    progress.add({ ...file, state: 'failed', errors: ['a hook throws'] })
    expect(progress.numbers).toEqual({ passed: 1, failed: 1 })
    expect(progress.describe()).toContain('No test file was running.')
  })

  it('names what passed only at the second try, and why it failed at the first', () => {
    const progress = new RunProgress()
    expect(progress.describeRetried()).toBe('')
    progress.add({ ...test, state: 'passed', errors: ['no\nway'], retries: 1 })
    expect(progress.numbers).toEqual({ passed: 1, failed: 0 })
    expect(progress.describeRetried()).toBe(
      '1 passed only at the second try:\n  ! a.test.ts > evi works\n      no\n      way\n',
    )
  })
})
