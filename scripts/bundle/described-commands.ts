import type { Plugin } from 'esbuild'

/** Each command of the manifest as a module, `manifest:ID`: a run then loads no more than those of its command. */
export const describedCommands = (commands: Readonly<Record<string, object>>): Plugin => ({
  name: 'described-commands',
  setup(build) {
    build.onResolve({ filter: /^manifest:/ }, ({ path }) => ({
      path: path.replace('manifest:', ''),
      namespace: 'manifest',
      sideEffects: false,
    }))
    build.onLoad({ filter: /./, namespace: 'manifest' }, ({ path }) => ({
      contents: `export default ${JSON.stringify(commands[path])}`,
    }))
  },
})
