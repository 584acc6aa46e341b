// Has npm choose the packages for the Node that it installs here: optional ones are left out where the machine's is too old.
const { devDependencies } = require('../package.json')

Object.defineProperty(process, 'version', { value: `v${devDependencies.node}` })
