import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { slowness } from '../helpers/slowness.ts'

// What `npm run release` has made: `npm run test:release`. It takes minutes and a terminal's rights, so it is no part of `npm test`.
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    disableConsoleIntercept: true,
    include: ['test/release/**/*.test.ts'],
    globalSetup: 'test/helpers/global-setup.ts',
    fileParallelism: false,
    testTimeout: 300_000 * slowness,
    hookTimeout: 600_000 * slowness,
  },
})
