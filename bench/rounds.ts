/** Measures once, in a unit of its own. */
export type Measure = () => Promise<number>

/**
 * Measures all in turn, A B C A B C …, so that whatever else the machine does hits all alike. A first round, not counted,
 * warms up broker, caches and disk.
 *
 * @returns what was measured in each round, by name
 */
export async function inTurn<Name extends string>(
  rounds: number,
  measures: Readonly<Record<Name, Measure>>,
): Promise<Record<Name, readonly number[]>> {
  const all = Object.entries<Measure>(measures).map(([name, measure]) => ({
    name,
    measure,
    values: [] as number[],
  }))
  for (let round = 0; round <= rounds; round++) {
    for (const { measure, values } of all) {
      const value = await measure()
      if (round > 0) values.push(value)
    }
  }
  return Object.fromEntries(all.map(({ name, values }) => [name, values])) as Record<Name, number[]>
}
