import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ProgramOptions, timeOf } from '../scripts/program.ts'
import type { Rig } from './rig.ts'
import type { Row } from './row.ts'

/** The CPU time per event that programs took, by name and round: the wall clock is the broker's, too, on the same cores. */
export class CpuLog {
  readonly #rig: Rig
  readonly #microseconds = new Map<string, number[]>()

  constructor(rig: Rig) {
    this.#rig = rig
  }

  /** Runs a program to its end as `timeOf` does, and notes its CPU time. @returns milliseconds */
  async timeOf(
    name: string,
    command: readonly string[],
    { events, ...options }: ProgramOptions & { readonly events: number },
  ): Promise<number> {
    const file = join(this.#rig.directory, 'cpu-microseconds')
    const ms = await timeOf([this.#rig.c['cpu-time'], file, ...command], options)
    this.note(name, Number(readFileSync(file, 'utf8')) / events)
    return ms
  }

  note(name: string, microsecondsPerEvent: number): void {
    this.#microseconds.set(name, [...(this.#microseconds.get(name) ?? []), microsecondsPerEvent])
  }

  /** The row beside that of a rate. @param names of evi, and of what it is compared with */
  row({ what, against }: Row, names: readonly [string, string], atMost: number | null): Row {
    const [measured, reference] = names.map((name) => this.#rounds(name)) as [number[], number[]]
    const target = atMost === null ? null : { atMost }
    return { what: `${what}: CPU time per event`, against, target, unit: 'µs', measured, reference }
  }

  /** Without the round that warms up. */
  #rounds(name: string): readonly number[] {
    return (this.#microseconds.get(name) ?? []).slice(1)
  }
}

/** The CPU time that a process has taken so far, in microseconds (Linux, proc(5); a tick is 10 ms). */
export function cpuTimeOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}
