/** What the reporter sends of a test, or of a file of tests with what happens in it outside of its tests. */
export interface Step {
  readonly kind: 'file' | 'test'
  readonly state: 'running' | 'passed' | 'failed' | 'skipped'
  readonly id: string
  readonly name: string
  /** The messages of its failures, those before a retry included. */
  readonly errors: readonly string[]
  /** How often it was tried again; none where it is absent. */
  readonly retries?: number
}

export interface Numbers {
  readonly passed: number
  readonly failed: number
}

/** How far a run of tests has come. */
export class RunProgress {
  #passed = 0
  readonly #failed: Step[] = []
  readonly #retried: Step[] = []
  readonly #running = new Map<string, Step>()

  add(step: Step): void {
    this.#running.delete(step.id)
    if (step.state === 'running') this.#running.set(step.id, step)
    if (step.state === 'failed') this.#failed.push(step)
    if (step.state !== 'passed' || step.kind !== 'test') return
    this.#passed++
    if (step.retries) this.#retried.push(step)
  }

  get numbers(): Numbers {
    return { passed: this.#passed, failed: this.#failed.length }
  }

  /** Which tests count as passed although they failed at first, and why they did; empty where there are none. */
  describeRetried(): string {
    if (this.#retried.length === 0) return ''
    const tests = this.#retried.flatMap(({ name, errors }) => [`  ! ${name}`, ...errors.map(indent)])
    return [`${this.#retried.length} passed only at the second try:`, ...tests, ''].join('\n')
  }

  /** Which tests have failed and why, and which files and tests are running. */
  describe(): string {
    const failed = this.#failed.flatMap(({ name, errors }) => [`  ✖ ${name}`, ...errors.map(indent)])
    const running = [...this.#running.values()].map(({ name }) => `  … ${name}`)
    return [
      `Passed: ${this.#passed}`,
      `Failed: ${this.#failed.length}`,
      ...failed,
      running.length === 0 ? 'No test file was running.' : 'Running:',
      ...running,
      '',
    ].join('\n')
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, '      ')
}
