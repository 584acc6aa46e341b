// `npm run dev -- ARGUMENTS`: evi from its sources, without a build. New flags and commands need a build for the
// manifest, and the bundle's replacements of modules (scripts/bundle) are not in it.
import { readFileSync } from 'node:fs'
import { runProgram } from '#lib/cli/program.ts'

const pjson = readJson('../package.json')
const manifest = readJson('../oclif.manifest.json')
const commands = Object.entries<object>(manifest.commands).map(([id, described]) => {
  const file = new URL(`../src/commands/${id.replaceAll(':', '/')}.ts`, import.meta.url)
  return [id, { describe: async () => ({ default: described }), load: () => import(file.href) }] as const
})
// npm leaves the directory in which it was called, to which the files of the command line are relative.
const { npm_lifecycle_event: script, INIT_CWD: directory } = process.env
if (script === 'dev' && directory) process.chdir(directory)

await runProgram({ pjson, commands: Object.fromEntries(commands) })

function readJson(path: string) {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
}
