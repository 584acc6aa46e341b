// A vitest reporter that sends each step of a run to the process that started vitest, which knows how far it came
// whatever ends it.
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from 'vitest/node'
import type { Step } from './run-progress.ts'

export default class ProgressReporter implements Reporter {
  onInit(): void {
    // A vitest whose starter was killed ends, too.
    process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
    // The listener alone would keep vitest running.
    process.channel?.unref()
  }

  onTestModuleQueued(module: TestModule): void {
    send({ state: 'running', kind: 'file', id: module.id, name: module.relativeModuleId, errors: [] })
  }

  onTestModuleEnd(module: TestModule): void {
    // A file that does not load and a hook that throws have no failed test of their own.
    const errors = module.errors()
    const state = errors.length === 0 ? 'passed' : 'failed'
    send({ state, kind: 'file', id: module.id, name: module.relativeModuleId, ...messagesOf(errors) })
  }

  onTestSuiteResult(suite: TestSuite): void {
    const errors = suite.errors()
    if (errors.length === 0) return
    send({ state: 'failed', kind: 'file', id: suite.id, name: nameOf(suite), ...messagesOf(errors) })
  }

  onTestCaseReady(test: TestCase): void {
    send({ state: 'running', kind: 'test', id: test.id, name: nameOf(test), errors: [] })
  }

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result()
    if (state === 'pending') return
    const retries = test.diagnostic()?.retryCount ?? 0
    send({ state, kind: 'test', id: test.id, name: nameOf(test), ...messagesOf(errors), retries })
  }

  onTestRunEnd(_modules: unknown, errors: readonly SerializedError[]): void {
    for (const error of errors)
      send({ state: 'failed', kind: 'file', id: '', name: 'Outside of the tests', ...messagesOf([error]) })
  }
}

function send(step: Step): void {
  process.send?.(step)
}

function nameOf(task: TestCase | TestSuite): string {
  return `${task.module.relativeModuleId} > ${task.fullName}`
}

function messagesOf(errors: readonly SerializedError[] = []): { errors: readonly string[] } {
  return { errors: errors.map(({ message }) => message) }
}
