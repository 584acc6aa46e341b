import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What evi on Node does to files, in order, each as `call path mode`, as Node itself sees it. */
export class FileCalls {
  readonly #log: string
  /** For evi. */
  readonly environment: Readonly<Record<string, string>>

  /** @param directory for its files; what stands in other ones is left out */
  constructor(directory: string) {
    this.#log = join(directory, 'calls.log')
    const hook = join(directory, 'calls.cjs')
    writeFileSync(this.#log, '')
    writeFileSync(hook, program)
    this.environment = { NODE_OPTIONS: `--require ${hook}`, CALLS_LOG: this.#log }
  }

  /** The calls whose path starts so, without that start. */
  of(start: string): string[] {
    const lines = readFileSync(this.#log, 'utf8').split('\n')
    return lines.filter((line) => line.includes(` ${start}`)).map((line) => line.replaceAll(start, ''))
  }
}

/** A file that is made counts with the mode that it has before anything is written to it. */
const program = `
  const fs = require('fs')
  const { openSync, fsyncSync, renameSync, mkdirSync, fstatSync, statSync, existsSync } = fs
  const paths = new Map()
  const log = (...words) => fs.appendFileSync(process.env.CALLS_LOG, words.join(' ') + '\\n')
  const octal = ({ mode }) => (mode & 0o777).toString(8)
  fs.openSync = (path, ...others) => {
    const isNew = !existsSync(path)
    const file = openSync(path, ...others)
    paths.set(file, path)
    if (isNew) log('create', path, octal(fstatSync(file)))
    return file
  }
  fs.mkdirSync = (path, ...others) => {
    const isNew = !existsSync(path)
    const result = mkdirSync(path, ...others)
    if (isNew) log('mkdir', path, octal(statSync(path)))
    return result
  }
  fs.fsyncSync = (file) => {
    fsyncSync(file)
    log('fsync', paths.get(file))
  }
  fs.renameSync = (from, to) => {
    renameSync(from, to)
    log('rename', from, to)
  }`
