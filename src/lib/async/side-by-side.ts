/** Runs the action for each item, at most so many at once. @returns the results in order; after a failure none is begun */
export async function sideBySide<T, R>(
  items: readonly T[],
  atOnce: number,
  action: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length)
  const waiting = items.entries()
  let hasFailed = false
  const work = async () => {
    for (const [index, item] of waiting) {
      if (hasFailed) return
      results[index] = await action(item, index)
    }
  }
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, work)
  try {
    await Promise.all(workers)
    return results
  } catch (error) {
    hasFailed = true
    throw error
  }
}
