import { createRequire } from 'node:module'

/** evi's own version, as package.json has it. */
export const version: string = createRequire(import.meta.url)('../../package.json').version
