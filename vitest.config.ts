import { defineConfig } from 'vitest/config'
import { slowness } from './test/helpers/slowness.ts'

// What the tests catch of a command's output must not be caught by vitest first.
const shared = { disableConsoleIntercept: true }

export default defineConfig({
  test: {
    // One more than two cores, which it keeps busy: a file waits for brokers and programs a quarter of its time.
    maxWorkers: 3,
    // One line a file: most tests against a broker would count as slow.
    slowTestThreshold: 60_000,
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: 'test/helpers/property-setup.ts',
          // Properties are tried thousands of times, and more often in `npm run fuzz`.
          testTimeout: 60_000 * slowness * Math.max(1, Number(process.env.EVI_FUZZ ?? 1)),
        },
      },
      {
        test: {
          ...shared,
          name: 'broker',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/helpers/global-setup.ts',
          // A race with a busy broker fails no run; `npm test` names each test that passed only at the second try.
          retry: 1,
          testTimeout: 120_000 * slowness,
          // A broker takes 5 s to start, and two of them with their TLS longer.
          hookTimeout: 120_000 * slowness,
          expect: { poll: { timeout: 30_000 * slowness } },
        },
      },
    ],
  },
})
