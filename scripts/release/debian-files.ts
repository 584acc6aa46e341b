import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { root } from '../prepare.ts'
import { filesOf } from './tree.ts'

const { version, description } = manifest

/** Who makes the package, as Debian's tools take it: from DEBFULLNAME and DEBEMAIL. The default reaches no one. */
const { DEBFULLNAME = 'The evi authors', DEBEMAIL = 'evi@localhost.invalid' } = process.env
const maintainer = `${DEBFULLNAME} <${DEBEMAIL}>`

export interface DebOptions {
  /** As Debian calls it. */
  readonly architecture: string
  /** The path of evi's executable for it. */
  readonly executable: string
  /** The licences of what is in the executable. */
  readonly licences: string
  /** Where the .deb goes. */
  readonly directory: string
}

/** Remarks of lintian on bun's executable, which Debian did not build. */
export const lintianOverrides = `# evi is compiled into bun's own executable, which is built without these and with libraries of its own.
evi: embedded-library * [usr/bin/evi]
evi: hardening-no-pie [usr/bin/evi]
evi: hardening-no-relro [usr/bin/evi]
# What strip would take from it is evi's program, at its end.
evi: unstripped-binary-or-object [usr/bin/evi]
`

export function control(tree: string, architecture: string): string {
  const kilobytes = filesOf(tree).reduce(
    (sum, file) => sum + Math.ceil(statSync(join(tree, file)).size / 1024),
    0,
  )
  return `Package: evi
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${kilobytes}
Depends: libc6 (>= 2.17)
Suggests: rabbitmq-server, systemd
Section: net
Priority: optional
Description: ${description.replace(/^the /, '')}
 evi keeps subscriptions of OpenSIPS events, raises events to RabbitMQ as
 OpenSIPS does, watches them arrive, and says of each subscriber what became
 of the event and what to do about it. It runs without Node.js.
`
}

export function changelog(): string {
  return `evi (${version}) unstable; urgency=medium

  * What changed is in /usr/share/doc/evi/CHANGELOG.md.

 -- ${maintainer}  ${dateOfCommit()}
`
}

/** Of the commit that is packed, so that the same commit makes the same package. */
function dateOfCommit(): string {
  const git = ['log', '-1', '--format=%cd', '--date=rfc2822']
  return execFileSync('git', git, { cwd: root, encoding: 'utf8' }).trim()
}

export function copyright(): string {
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: evi
Comment: /usr/bin/evi has bun ${manifest.devDependencies.bun} and npm packages in it. The licences of the packages, each in full, are
 in /usr/share/doc/evi/LICENCES.txt.gz. bun is under the MIT licence, and links JavaScriptCore and other parts of WebKit,
 which are under the LGPL-2.

Files: *
Copyright: 2026 the evi authors
License: Expat

Files: usr/bin/evi
Copyright: 2026 the evi authors
 the authors of bun, WebKit, and the packages that LICENCES.txt.gz names
License: Expat and LGPL-2

License: Expat
${expatLines()}

License: LGPL-2
 On Debian systems its text is in /usr/share/common-licenses/LGPL-2.
`
}

function expatLines(): string {
  const [, ...lines] = readFileSync(join(root, 'LICENSE'), 'utf8').trim().split('\n')
  return lines.map((line) => ` ${line.trim() || '.'}`).join('\n')
}
