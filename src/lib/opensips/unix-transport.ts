import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MiUrl } from '#lib/domain/opensips/mi-url.ts'
import { type EviError, systemCode } from '#lib/errors.ts'
import { noAnswer, notAllowed, notAsked, notReached, tooLong } from './mi-errors.ts'
import { largestAnswer, largestDatagram, MiTransport, type Transport } from './transport.ts'

type UnixUrl = Extract<MiUrl, { transport: 'unix' }>

/**
 * Programs that can do what Node.js cannot: they send stdin as one datagram from a socket bound to the second path, where
 * OpenSIPS can answer, to the first, again every 10 ms as often as the third says where its queue is full, and print the
 * answer. On a failure they print the system's number of it, and end with 1 where nothing was sent. Not from a connected socket:
 * OpenSIPS answers by another socket than the one that it reads.
 */
const programs: readonly (readonly [program: string, ...argv: string[]])[] = [
  [
    'perl',
    '-MSocket',
    '-e',
    'my ($to, $own, $tries) = @ARGV; my $sent = 0; sub fail { print STDERR $!+0; exit 1 + $sent } ' +
      'local $/; my $request = <STDIN>; ' +
      'socket(my $s, PF_UNIX, SOCK_DGRAM, 0) or fail; bind($s, sockaddr_un($own)) or fail; chmod 0622, $own or fail; ' +
      'until (defined(send($s, $request, MSG_DONTWAIT, sockaddr_un($to)))) ' +
      '{ $!{EAGAIN} && $tries-- > 0 or fail; select(undef, undef, undef, 0.01) } $sent = 1; ' +
      'defined(recv($s, my $answer, 262144, 0)) or fail; print $answer;',
  ],
  [
    'python3',
    '-c',
    'import os, socket, sys, time\n' +
      '[to, own, tries] = sys.argv[1:]; tries = int(tries); sent = 0\n' +
      'try:\n' +
      '  s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(own); os.chmod(own, 0o622)\n' +
      '  request = sys.stdin.buffer.read()\n' +
      '  while sent == 0:\n' +
      '    try:\n' +
      '      s.sendto(request, socket.MSG_DONTWAIT, to); sent = 1\n' +
      '    except BlockingIOError:\n' +
      '      tries -= 1; time.sleep(0.01)\n' +
      '      if tries < 0: raise\n' +
      '  sys.stdout.buffer.write(s.recv(262144))\n' +
      'except OSError as error:\n' +
      '  sys.stderr.write(str(error.errno)); sys.exit(1 + sent)',
  ],
]

/** mi_datagram on a unix socket, by a program of the machine's. */
export class UnixTransport extends MiTransport<UnixUrl> implements Transport {
  /** Each is a process of its own. */
  readonly mostAtOnce = 4

  largestRequest(): number {
    return largestDatagram
  }

  async exchange(request: string): Promise<string> {
    const directory = mkdtempSync(join(tmpdir(), 'evi-mi-'))
    const remove = () => rmSync(directory, { recursive: true, force: true })
    process.once('exit', remove)
    try {
      // OpenSIPS, another user, sends its answer to a socket in it.
      await chmod(directory, 0o711)
      // A quarter of the time at least, and not all of it: then it is known that nothing was sent.
      const tries = String(Math.ceil(this.timing.replyTimeout / 40))
      for (const [program, ...argv] of programs) {
        const paths = [this.mi.path, join(directory, 'reply')]
        const ended = await this.#run(program, [...argv, ...paths, tries], request)
        if (ended === 'missing') continue
        if ('failure' in ended) throw ended.failure
        return ended.answer
      }
      throw notAsked(
        this.place,
        'cannot be asked, as neither perl nor python3 is installed and Node.js has no unix datagram sockets',
        'Install one of them, or ask by another transport: http://HOST:8888/mi, fifo:/PATH or udp:HOST:PORT',
      )
    } finally {
      remove()
      process.off('exit', remove)
    }
  }

  async #run(program: string, argv: readonly string[], request: string): Promise<'missing' | ProgramEnd> {
    const child = spawn(program, argv, { stdio: ['pipe', 'pipe', 'pipe'] })
    const { promise, resolve, reject } = Promise.withResolvers<'missing' | ProgramEnd>()
    const end = (error: EviError) => {
      reject(error)
      child.kill('SIGKILL')
    }
    const { replyTimeout } = this.timing
    const timer = setTimeout(() => end(noAnswer(this.place, replyTimeout, isItRunning)), replyTimeout)
    const answer: Buffer[] = []
    let [bytes, said] = [0, '']
    child.stdin.on('error', () => {})
    child.stdin.end(request)
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      answer.push(chunk)
      if (bytes > largestAnswer) end(tooLong(this.place))
    })
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk).slice(0, 100)
    })
    child.on('error', (error) => (systemCode(error) === 'ENOENT' ? resolve('missing') : reject(error)))
    child.on('close', (code) =>
      resolve(
        code === 0
          ? { answer: Buffer.concat(answer).toString() }
          : { failure: this.#failure(/^\d+$/.test(said) ? Number(said) : 0, code !== 1) },
      ),
    )
    try {
      return await promise
    } finally {
      clearTimeout(timer)
    }
  }

  #failure(errno: number, isSent: boolean): EviError {
    const [code = 'no answer'] = Object.entries(constants.errno).find(([, number]) => number === errno) ?? []
    if (code === 'EACCES' || code === 'EPERM') {
      return notAllowed(
        this.place,
        'this user may not write to the socket',
        "Run evi as a member of OpenSIPS's group, or set unix_socket_mode of mi_datagram.",
      )
    }
    // The system says the same of another file.
    const isSocket = statSync(this.mi.path, { throwIfNoEntry: false })?.isSocket() !== false
    const why = (isSocket ? reasons[code] : 'is no socket') ?? `is not reached (${code})`
    return (isSent ? notReached : notAsked)(this.place, why, code === 'EAGAIN' ? isItBusy : isItRunning)
  }
}

type ProgramEnd = { readonly answer: string } | { readonly failure: EviError }

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'has no socket: OpenSIPS does not run, or has another socket_name',
  ECONNREFUSED: 'has no server on its socket: OpenSIPS does not run, and its socket was left behind',
  EAGAIN: 'takes no request, as those that it has not read fill its queue',
  EPROTOTYPE: 'is a stream socket, not that of mi_datagram',
}
const isItRunning = 'Check that OpenSIPS runs, with mi_datagram loaded, and that the path is its socket_name.'
const isItBusy = 'Check that OpenSIPS is not stopped or busy.'
