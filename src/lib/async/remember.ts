/** Asks once for each key, and gives the same answer from then on; what fails is asked again. */
export function remember<Answer>(ask: (key: string) => Promise<Answer>): (key: string) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>()
  return async (key) => {
    const known = answers.get(key)
    if (known) return await known
    const asked = ask(key)
    answers.set(key, asked)
    try {
      return await asked
    } catch (error) {
      answers.delete(key)
      throw error
    }
  }
}
