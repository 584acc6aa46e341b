import type { Plugin } from 'esbuild'

/** Modules that derive what they export from data: the bundle has the results, and not the data. */
const derived = /[\\/]src[\\/]lib[\\/]domain[\\/]event[\\/]event-params\.ts$/

/** Evaluates such modules when the bundle is made. Their exports must be JSON. */
export const precompute: Plugin = {
  name: 'precompute',
  setup(build) {
    build.onLoad({ filter: derived }, async ({ path }) => {
      const exported = Object.entries(await import(path))
      const lines = exported.map(
        ([name, value]) => `export const ${name} = JSON.parse(${JSON.stringify(JSON.stringify(value))})`,
      )
      return { contents: lines.join('\n'), loader: 'js' }
    })
  },
}
