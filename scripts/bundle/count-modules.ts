import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

/** Has each of evi's own modules count itself when it is evaluated. */
export const countModules: Plugin = {
  name: 'count-modules',
  setup(build) {
    const counter = `${build.initialOptions.absWorkingDir}/scripts/bundle/evaluated.ts`
    build.onLoad({ filter: /[\\/]src[\\/](?:commands|lib)[\\/].*\.ts$/ }, async ({ path }) => ({
      contents: `${await readFile(path, 'utf8')}
        import { evaluated } from ${JSON.stringify(counter)}
        evaluated.modules++`,
      loader: 'ts',
    }))
  },
}
