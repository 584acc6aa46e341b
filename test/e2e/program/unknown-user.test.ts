import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { program } from '../../helpers/evi/program.ts'

useEvi()

/** A uid that has no entry in passwd. */
const identity = ['--reuid=12345', '--regid=0', '--clear-groups']
const asUnknownUser = `setpriv ${identity.join(' ')} env -i PATH="$PATH"`
/** Only root may become such a user, who must be able to enter the directories of the program. */
const canBecome = program.every(
  (file) => spawnSync('setpriv', [...identity, 'test', '-r', file]).status === 0,
)

describe.runIf(canBecome)('a user without an entry in passwd', () => {
  test.each(['HOME=/', 'HOME=', '', 'SHELL=/bin/sh', 'HOME=/nonexistent'])(
    'evi --version works with the environment "%s"',
    async (variables) => {
      const { code, stdout, stderr } = await evi.shell(
        `${asUnknownUser} ${variables} ${evi.command} --version`,
      )
      expect({ code, stdout, stderr }).toEqual({
        code: 0,
        stdout: expect.stringMatching(/\d+\.\d+/),
        stderr: '',
      })
    },
  )

  test('evi list finds an empty store', async () => {
    const { code, stdout } = await evi.shell(`${asUnknownUser} HOME=/ ${evi.command} list --json`)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"subscriptions":[]}\n' })
  })

  test.each(['HOME=/', 'HOME=', '', 'HOME=/nonexistent'])(
    'evi subscribe stores in a directory that is named, with the environment "%s"',
    async (variables) => {
      const { code, stdout, stderr } = await evi.shell(
        `d=$(mktemp -d) && chown 12345 "$d"; \
          ${asUnknownUser} ${variables} EVI_CONFIG_DIR="$d" ${evi.command} subscribe E_X rabbitmq:h/q; code=$?; rm -r "$d"; exit $code`,
      )
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toContain('Subscribed rabbitmq:guest@h:5672/q to E_X')
    },
  )

  test('evi says that it may not write to the FIFO of an OpenSIPS', async () => {
    const { code, stderr } = await evi.shell(
      `cd "$(mktemp -d)" && chmod 755 . && mkfifo -m 0600 fifo && \
        ${asUnknownUser} HOME=/ ${evi.command} import --opensips "fifo:$PWD/fifo"; code=$?; rm -r "$PWD"; exit $code`,
    )
    expect({ code, stderr }).toEqual({
      code: 77,
      stderr: expect.stringMatching(
        /cannot be asked: this user may not write to the FIFO\.\n {2}Run evi as a member/,
      ),
    })
  })
})
