import { userInfo } from 'node:os'

/**
 * Sets the HOME and SHELL that are missing for a user without an entry in passwd, as in a container with a random
 * uid. oclif asks passwd for them and fails there; the values are those that login(1) falls back to.
 */
export function completeUserEnvironment(environment: NodeJS.ProcessEnv): void {
  if (environment.HOME && environment.SHELL) return
  try {
    userInfo()
  } catch {
    environment.HOME ||= '/'
    environment.SHELL ||= '/bin/sh'
  }
}
