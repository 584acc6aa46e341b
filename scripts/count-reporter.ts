// A vitest reporter that sends the numbers to the process that started vitest.
import type { Reporter, SerializedError, TestModule, TestResult } from 'vitest/node'

export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()])
    const count = (state: TestResult['state']) => tests.filter((test) => test.result().state === state).length
    // A file that does not load and a hook that throws have no failed test of their own.
    const broken = suites.filter((suite) => suite.errors().length > 0).length + unhandledErrors.length
    process.send?.({ passed: count('passed'), failed: count('failed') + broken })
  }
}
