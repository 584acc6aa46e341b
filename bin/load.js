const fs = require('node:fs')
const vm = require('node:vm')
const { CodeCache } = require('./code-cache.js')

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
