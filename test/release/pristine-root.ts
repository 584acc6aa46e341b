import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Fetched once for all runs. */
const cache = fileURLToPath(new URL('../../build/roots', import.meta.url))

/** Why there can be no pristine root here, if there is a reason. */
export function reasonAgainstRoots(): string | undefined {
  if (process.getuid?.() !== 0) return 'Only root may change the root directory.'
  if (spawnSync('mmdebstrap', ['--version']).status !== 0) return 'mmdebstrap is not installed.'
  return undefined
}

/** Debian's smallest installation of a suite in a directory of its own, for `chroot`. */
export class PristineRoot {
  readonly directory = mkdtempSync(join(tmpdir(), 'evi-root-'))

  /** @throws Error where Debian's packages cannot be fetched */
  constructor(suite: string) {
    const archive = join(cache, `${suite}.tar`)
    if (!existsSync(archive)) fetchRoot(suite, archive)
    check(spawnSync('tar', ['-xf', archive, '-C', this.directory]))
    // The directory of mkdtemp is its owner's alone.
    check(spawnSync('chmod', ['755', this.directory]))
  }

  /** Copies a file of this machine into it. */
  copy(from: string, to: string): void {
    mkdirSync(dirname(join(this.directory, to)), { recursive: true })
    cpSync(from, join(this.directory, to), { recursive: true, verbatimSymlinks: true })
  }

  /** Runs a shell script in it, with /proc, as root or as a user that has a home. */
  run(script: string, { as = 'root' }: { readonly as?: 'root' | 'user' } = {}) {
    const change = as === 'user' ? ['--userspec=1000:1000'] : []
    const command = ['chroot', ...change, this.directory, '/bin/sh', '-c', script]
    const inside = `mount -t proc proc "${this.directory}/proc" && exec "$@"`
    const env = {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: as === 'user' ? '/home/user' : '/root',
    }
    return spawnSync('unshare', ['--mount', 'sh', '-c', inside, 'sh', ...command], { encoding: 'utf8', env })
  }

  /** A user of its own, as a person has one. */
  addUser(): void {
    check(
      this.run(
        'echo user:x:1000:1000::/home/user:/bin/sh >> /etc/passwd; install -d -o 1000 -g 1000 /home/user',
      ),
    )
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

function fetchRoot(suite: string, archive: string): void {
  mkdirSync(cache, { recursive: true })
  const draft = `${archive}.${process.pid}.tar`
  try {
    check(spawnSync('mmdebstrap', ['--variant=minbase', suite, draft], { encoding: 'utf8' }))
    renameSync(draft, archive)
  } finally {
    rmSync(draft, { force: true })
  }
}

function check({ status, stderr }: { status: number | null; stderr: string | Buffer }): void {
  if (status !== 0) throw new Error(String(stderr))
}
