import { defineConfig } from 'vitest/config'

// What the tests catch of a command's output must not be caught by vitest first.
const shared = { disableConsoleIntercept: true }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // A property is tried on many examples, which takes a busy machine long.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'broker',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/helpers/global-setup.ts',
          testTimeout: 60_000,
          // A broker takes 5 s to start, and ten times that on a busy machine.
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
