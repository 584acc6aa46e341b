// Asks the registry what vulnerabilities are known of the packages in package-lock.json.
import { execFile } from 'node:child_process'
import { root } from '../prepare.ts'

/** What is known; undefined where the registry was not to be asked. */
export type Findings = readonly Finding[] | undefined

interface Finding {
  readonly name: string
  readonly severity: string
}

/** Milliseconds that the registry has for an answer. */
const timeout = 20_000

/**
 * Whether nothing grave is known; says so, or what is. Where the registry does not answer, as on a machine without a
 * network, that is said, too, and nothing else is wrong. All packages count, as what is bundled is a devDependency.
 */
export async function isFreeOfVulnerabilities(): Promise<boolean> {
  const findings = readAudit(await npmAudit())
  if (findings === undefined) process.stderr.write('npm audit: not asked: the registry does not answer\n')
  for (const { name, severity } of findings ?? [])
    process.stderr.write(`npm audit: a vulnerability of ${name} is known (${severity}). See: npm audit\n`)
  return findings === undefined || findings.length === 0
}

/** What `npm audit --json` reports of high or critical severity. */
export function readAudit(output: string): Findings {
  try {
    const { vulnerabilities } = JSON.parse(output) as { vulnerabilities?: Record<string, Finding> }
    return (
      vulnerabilities &&
      Object.values(vulnerabilities).filter(({ severity }) => /^(?:high|critical)$/.test(severity))
    )
  } catch {
    return undefined
  }
}

async function npmAudit(): Promise<string> {
  const argv = ['audit', '--json', '--fetch-retries=0', `--fetch-timeout=${timeout}`]
  return await new Promise((resolve) => {
    // Its exit code is the same for a vulnerability and a silent registry.
    execFile('npm', argv, { cwd: root, timeout, maxBuffer: 2 ** 26 }, (_error, output) => resolve(output))
  })
}
