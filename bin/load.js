const fs = require('node:fs')
const vm = require('node:vm')

/**
 * Loads the program together with the code that V8 made of it at an earlier use, which halves the start-up. Without
 * such code, as at the first use, it is compiled as usual.
 *
 * @returns what the bundle exports
 */
exports.load = function load(filename) {
  // The bundler writes nothing but ASCII.
  const source = fs.readFileSync(filename, 'latin1')
  const cache = new CodeCache(source)
  const cachedData = cache.read()
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
  const script = new vm.Script(source, { filename, cachedData, importModuleDynamically })
  const module = { exports: {} }
  script.runInThisContext()(module, require)
  const { evaluated } = module.exports
  const isOutdated = script.cachedDataRejected !== false
  process.once('exit', () => cache.update(evaluated.modules, isOutdated, () => script.createCachedData()))
  return module.exports
}

/** The end of a file that was written whole; the number of modules is behind it. */
const mark = Buffer.from('evi code cache\n')
const trailerLength = mark.length + 4
const month = 30 * 24 * 3600 * 1000
const { O_RDONLY, O_NOFOLLOW = 0 } = fs.constants

/**
 * V8's code of a program, in a file for each command, program and Node.js. It is run unseen, so it is taken only from
 * files that are the user's alone. Whatever goes wrong, evi works without it.
 */
class CodeCache {
  #directory = cacheDirectory()
  #file
  /** Modules that the cached code is of. */
  #modules = 0

  /** @param source the program, whose last line says which build it is and what commands it has */
  constructor(source) {
    if (this.#directory === undefined) return
    const { build, commands } = JSON.parse(source.slice(source.lastIndexOf('\n//') + 3))
    const command = commands.includes(process.argv[2]) ? process.argv[2] : 'other'
    // V8 checks its flags, too; but then two sets of them would throw out each other's code at every use.
    const flags = hash([...process.execArgv, process.env.NODE_OPTIONS].join(' '))
    const name = [build, process.version, process.arch, flags, command].join('-')
    this.#file = `${this.#directory}/${name}.cache`
  }

  /** The code, if there is any. */
  read() {
    try {
      const file = fs.openSync(this.#file, O_RDONLY | O_NOFOLLOW)
      try {
        if (!isOursAlone(fs.fstatSync(file))) return undefined
        const bytes = fs.readFileSync(file)
        const end = bytes.length - trailerLength
        if (end < 0 || !bytes.subarray(end, -4).equals(mark)) return undefined
        this.#modules = bytes.readUInt32LE(end + mark.length)
        return bytes.subarray(0, end)
      } finally {
        fs.closeSync(file)
      }
    } catch {
      return undefined
    }
  }

  /** Keeps the code of a run that is the first one, or that came to more modules than those before it. */
  update(modules, isOutdated, makeCode) {
    if (this.#file === undefined || (!isOutdated && modules <= this.#modules)) return
    try {
      this.#prepareDirectory()
      const temporary = `${this.#file}.${process.pid}`
      const file = fs.openSync(temporary, 'wx', 0o600)
      try {
        const number = Buffer.alloc(4)
        number.writeUInt32LE(modules)
        fs.writeFileSync(file, Buffer.concat([makeCode(), mark, number]))
        // V8 would run what a power cut leaves of it.
        fs.fsyncSync(file)
        fs.renameSync(temporary, this.#file)
      } catch (error) {
        fs.unlinkSync(temporary)
        throw error
      } finally {
        fs.closeSync(file)
      }
      this.#removeOld()
    } catch {
      // Then evi starts slowly the next time, too.
    }
  }

  #prepareDirectory() {
    const parent = this.#directory.slice(0, this.#directory.lastIndexOf('/'))
    // Not `recursive`, which never returns for a directory below /proc (Node.js 22 to 26).
    for (const directory of [parent, this.#directory]) {
      if (!fs.existsSync(directory)) fs.mkdirSync(directory, 0o700)
    }
    const stats = fs.lstatSync(this.#directory)
    if (!stats.isDirectory() || !isOursAlone(stats)) throw new Error('not a directory of the user alone')
  }

  /** What other builds and versions left behind. */
  #removeOld() {
    for (const name of fs.readdirSync(this.#directory)) {
      const path = `${this.#directory}/${name}`
      if (name.includes('.cache') && Date.now() - fs.lstatSync(path).mtimeMs > month) fs.unlinkSync(path)
    }
  }
}

/** Undefined where there is none that is the user's for sure. */
function cacheDirectory() {
  const { EVI_CACHE_DIR, XDG_CACHE_HOME, HOME } = process.env
  const directory = EVI_CACHE_DIR || `${XDG_CACHE_HOME || `${HOME}/.cache`}/evi`
  return directory.startsWith('/') && process.getuid ? directory : undefined
}

function isOursAlone({ uid, mode }) {
  return uid === process.getuid() && (mode & 0o022) === 0
}

function hash(text) {
  let value = 0
  for (let index = 0; index < text.length; index++) value = (value * 31 + text.charCodeAt(index)) >>> 0
  return value.toString(36)
}
