#!/usr/bin/env node
// All in one file, as each further one costs every start half a millisecond, and in a syntax that old versions of Node
// read, so that they reach the check.
// biome-ignore lint/style/useNodejsImportProtocol: old versions of Node do not know it
const fs = require('fs')
// biome-ignore lint/style/useNodejsImportProtocol: old versions of Node do not know it
const vm = require('vm')

/** Between V8's code and the kinds of runs that it is of. */
const mark = '\nevi code cache '
const month = 30 * 24 * 3600 * 1000
const interrupted = 130

/**
 * V8's code of a part of evi, in a file for each command, build and version of Node. It is run unseen, and V8 crashes on
 * code with a wrong bit. So it is taken only from a file and directory that are the user's alone, and that holds it
 * twice, alike: comparing takes a third of the time of a checksum, for which Node loads a module. Whatever goes wrong,
 * evi works without it.
 */
class CodeCache {
  /** @param about the build that the part is of, and the commands that it has */
  constructor(part, { build, commands }) {
    this.directory = cacheDirectory()
    /** A run counts as of the same kind as another one that came to as many chunks. */
    this.kinds = []
    if (this.directory === undefined) return
    const command = commands.indexOf(process.argv[2]) < 0 ? 'other' : process.argv[2]
    // V8 checks its flags, too; but then two sets of them would throw out each other's code at every use.
    const flags = hash(process.execArgv.concat(process.env.NODE_OPTIONS || '').join(' '))
    const name = [build, process.version, process.arch, flags, part + command].join('-')
    this.file = `${this.directory}/${name}.cache`
  }

  /** The code, if there is any that is whole. */
  read() {
    try {
      if (!isDirectoryOfOurs(this.directory)) return undefined
      const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants
      const file = fs.openSync(this.file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      try {
        const stats = fs.fstatSync(file)
        if (!stats.isFile() || !isOursAlone(stats)) return undefined
        const content = readTwin(file, stats.size / 2)
        const end = content.lastIndexOf(mark)
        if (end < 0) return undefined
        this.kinds = content.toString('latin1', end + mark.length).split(' ')
        return content.subarray(0, end)
      } finally {
        fs.closeSync(file)
      }
    } catch (_) {
      return undefined
    }
  }

  /** Keeps the code after the first run of each kind, which has what those before it needed, too. */
  update(kind, script) {
    const isOutdated = script.cachedDataRejected !== false
    if (this.file === undefined || (!isOutdated && this.kinds.indexOf(kind) >= 0)) return
    const kinds = isOutdated ? [kind] : this.kinds.concat(kind)
    try {
      this.prepareDirectory()
      const temporary = `${this.file}.${process.pid}`
      const file = fs.openSync(temporary, 'wx', 0o600)
      try {
        const content = Buffer.concat([script.createCachedData(), Buffer.from(mark + kinds.join(' '))])
        fs.writeFileSync(file, Buffer.concat([content, content]))
        fs.fsyncSync(file)
        fs.renameSync(temporary, this.file)
      } catch (error) {
        fs.unlinkSync(temporary)
        throw error
      } finally {
        fs.closeSync(file)
      }
      this.removeOld()
    } catch (_) {
      // Then evi starts slowly the next time, too.
    }
  }

  prepareDirectory() {
    const parent = this.directory.slice(0, this.directory.lastIndexOf('/'))
    // Not `recursive`, which never returns for a directory below /proc (Node.js 22 to 26).
    for (const directory of [parent, this.directory]) {
      if (!fs.existsSync(directory)) fs.mkdirSync(directory, 0o700)
    }
    if (!isDirectoryOfOurs(this.directory)) throw new Error('not a directory of the user alone')
  }

  /** Removes what other builds and versions left behind, and the drafts of killed runs. */
  removeOld() {
    for (const name of fs.readdirSync(this.directory)) {
      const path = `${this.directory}/${name}`
      const [suffix, writer] = /\.cache(?:\.(\d+))?$/.exec(name) || []
      if (suffix === undefined) continue
      const isOld = Date.now() - fs.lstatSync(path).mtimeMs > month
      if (isOld || (writer !== undefined && !isRunning(Number(writer)))) fs.unlinkSync(path)
    }
  }
}

/** Undefined where there is none that is the user's for sure. */
function cacheDirectory() {
  const { EVI_CACHE_DIR, XDG_CACHE_HOME, HOME } = process.env
  const directory = EVI_CACHE_DIR || `${XDG_CACHE_HOME || `${HOME}/.cache`}/evi`
  return directory.startsWith('/') && process.getuid ? directory : undefined
}

function isDirectoryOfOurs(path) {
  const stats = fs.lstatSync(path)
  return stats.isDirectory() && isOursAlone(stats)
}

function isOursAlone({ uid, mode }) {
  return uid === process.getuid() && (mode & 0o022) === 0
}

/**
 * The first half of a file, if the second one is the same, else nothing. That one comes in pieces, as memory for all of
 * it costs more than reading it.
 */
function readTwin(file, half) {
  const nothing = Buffer.alloc(0)
  const content = Buffer.allocUnsafeSlow(half)
  const piece = Buffer.allocUnsafeSlow(0x10000)
  if (fs.readSync(file, content, 0, half, 0) < half) return nothing
  for (let at = 0; at < half; at += piece.length) {
    const length = Math.min(piece.length, half - at)
    if (fs.readSync(file, piece, 0, length, half + at) < length) return nothing
    if (piece.compare(content, at, at + length, 0, length) !== 0) return nothing
  }
  return content
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0)
  } catch (_) {
    return false
  }
}

function hash(text) {
  let value = 0
  for (let index = 0; index < text.length; index++) value = (value * 31 + text.charCodeAt(index)) >>> 0
  return value.toString(36)
}

/** Says what is wrong with this version of Node, if anything is. */
function isSupported() {
  const { supportedNode, unsupportedMessage } = require('./supported-node.js')
  if (supportedNode(process.versions.node)) return true
  process.stderr.write(unsupportedMessage(process.versions.node, guide))
  process.exitCode = 70
  return false
}

/** A file of the program, and V8's code of it if there is any. */
function open(name) {
  const filename = `${__dirname}/../dist/${name}.cjs`
  const source = readProgram(filename)
  const about = JSON.parse(source.slice(source.lastIndexOf('\n//') + 3))
  const cache = new CodeCache(name === 'evi' ? '' : `${name}-`, about)
  return { filename, source, about, cache, cachedData: cache.read() }
}

function readProgram(filename) {
  try {
    // The bundler writes nothing but ASCII.
    return fs.readFileSync(filename, 'latin1')
  } catch (error) {
    return fail(`${filename} cannot be read (${error.code}).\n  In a clone, make it: npm run build`)
  }
}

function fail(message) {
  process.stderr.write(`evi: ${message}\n`)
  return process.exit(70)
}

/** Compiles a part, whose code is kept at the end of the run. */
function compile(part) {
  const { filename, source, cachedData } = part
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
  part.script = new vm.Script(source, { filename, cachedData, importModuleDynamically })
  compiled.push(part)
  return part.script.runInThisContext()
}

/** What everyday commands do not come to. */
function compileSeldom() {
  const seldom = open('seldom')
  if (seldom.about.build === program.about.build) return compile(seldom)
  return fail('It was replaced by another version while it ran.\n  Start it again.')
}

const guide = `${__dirname.slice(0, __dirname.lastIndexOf('/'))}/docs/install.md`
const compiled = []
const program = open('evi')
// A version that evi left code for has passed the check.
if (program.cachedData || isSupported()) {
  const module = { exports: {} }
  compile(program)(module, require, compileSeldom)
  const { run, chunksRun } = module.exports
  process.once('exit', (code) => {
    // Ctrl-C ends evi at once.
    if (code === interrupted) return
    for (const { cache, script } of compiled) cache.update(String(chunksRun()), script)
  })
  run()
}
