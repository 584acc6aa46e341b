import manifest from '../../package.json' with { type: 'json' }

/** evi's own version, as package.json has it. */
export const { version } = manifest
