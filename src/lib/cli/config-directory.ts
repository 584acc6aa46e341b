import { join } from 'node:path'

/** The directory of evi's files, as oclif's Config finds it, which takes ten times as long. */
export function configDirectory({ EVI_CONFIG_DIR, XDG_CONFIG_HOME, HOME = '' }: NodeJS.ProcessEnv): string {
  return EVI_CONFIG_DIR || join(XDG_CONFIG_HOME || join(HOME, '.config'), 'evi')
}
