import { EviError } from '#lib/errors.ts'

/** Where the Management Interface (MI) of an OpenSIPS is, by the module that serves it. */
export type MiUrl =
  | {
      readonly transport: 'http'
      /** Without the login. */
      readonly url: URL
      readonly login: { readonly user: string; readonly password: string } | undefined
      /** httpd's `post_buf_size` in bytes, where it is not the default. */
      readonly largestBody: number | undefined
    }
  | { readonly transport: 'fifo'; readonly path: string; readonly replyDirectory: string }
  | { readonly transport: 'unix'; readonly path: string }
  | { readonly transport: 'udp'; readonly host: string; readonly port: number }

/** mi_fifo's own default. */
const defaultReplyDirectory = '/tmp/'
/** Bytes of a path in `sockaddr_un`, without the zero at its end. */
const longestSocketPath = 107

/**
 * Reads `http[s]://[user[:password]@]host:port/mi`, `fifo:/path[?reply_dir=DIR]`, `unix:/path` or `udp:host:port`.
 * See docs/opensips-mi.md.
 *
 * @param source what the error names, such as `--opensips`
 * @throws EviError `usage`, without the text, which may hold a password
 */
export function readMiUrl(text: string, source: string): MiUrl {
  const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/is.exec(text) ?? []
  switch (scheme.toLowerCase()) {
    case 'http':
    case 'https':
      return readHttp(text, source)
    case 'fifo':
      return readFifo(rest, source)
    case 'unix':
      return { transport: 'unix', path: readSocketPath(rest, source) }
    case 'udp':
      return readUdp(rest, source)
    default:
      throw notAnAddress(source)
  }
}

/** The address as evi shows it, without its password. */
export function printMiUrl(mi: MiUrl): string {
  switch (mi.transport) {
    case 'http': {
      const login = mi.login === undefined ? '' : `${encodeURIComponent(mi.login.user)}@`
      return `${mi.url.protocol}//${login}${mi.url.host}${mi.url.pathname}`
    }
    case 'fifo': {
      const own = mi.replyDirectory === defaultReplyDirectory ? '' : `?reply_dir=${mi.replyDirectory}`
      return `fifo:${mi.path}${own}`
    }
    case 'unix':
      return `unix:${mi.path}`
    case 'udp':
      return `udp:${mi.host.includes(':') ? `[${mi.host}]` : mi.host}:${mi.port}`
  }
}

function readHttp(text: string, source: string): MiUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.hostname === '' || url.hash !== '') throw notAnAddress(source)
  const login = url.username === '' ? undefined : readLogin(url, source)
  const largestBody = readBodySize(url.searchParams, source)
  const plain = new URL(url.origin + (url.pathname === '/' ? '/mi' : url.pathname))
  return { transport: 'http', url: plain, login, largestBody }
}

function readLogin({ username, password }: URL, source: string): { user: string; password: string } {
  try {
    return { user: decodeURIComponent(username), password: decodeURIComponent(password) }
  } catch {
    throw notAnAddress(source)
  }
}

function readBodySize(parameters: URLSearchParams, source: string): number | undefined {
  const size = parameters.get('post_buf_size')
  const isKnown = [...parameters.keys()].every((name) => name === 'post_buf_size')
  if (!isKnown || (size !== null && !/^[1-9]\d{0,8}$/.test(size))) throw notAnAddress(source)
  return size === null ? undefined : Number(size)
}

function readFifo(text: string, source: string): MiUrl {
  const question = text.indexOf('?')
  const path = readPath(question < 0 ? text : text.slice(0, question), source)
  if (question < 0) return { transport: 'fifo', path, replyDirectory: defaultReplyDirectory }
  const [, directory] = /^reply_dir=(\/.*)$/s.exec(text.slice(question + 1)) ?? []
  if (directory === undefined) throw notAnAddress(source)
  return { transport: 'fifo', path, replyDirectory: readPath(directory, source) }
}

function readSocketPath(text: string, source: string): string {
  const path = readPath(text, source)
  if (new TextEncoder().encode(path).length <= longestSocketPath) return path
  throw new EviError('usage', `${source}: the path of a unix socket has at most ${longestSocketPath} bytes.`)
}

/** Absolute, also written as `//path` or `///path`. */
function readPath(text: string, source: string): string {
  const path = text.replace(/^\/+/, '/')
  if (path.startsWith('/') && path !== '/' && !path.includes('\0')) return path
  throw notAnAddress(source)
}

function readUdp(text: string, source: string): MiUrl {
  const [, bracketed, name, digits] =
    /^(?:\/\/)?(?:\[([0-9a-f:.]+)\]|([^:/@\s]+)):(\d{1,5})$/i.exec(text) ?? []
  const port = Number(digits)
  const host = bracketed ?? name
  if (host === undefined || port < 1 || port > 65_535) throw notAnAddress(source)
  return { transport: 'udp', host, port }
}

function notAnAddress(source: string): EviError {
  return new EviError('usage', `${source} is not the address of an OpenSIPS.`, {
    hint: 'Write it as http://[USER:PASSWORD@]HOST:8888/mi, fifo:/PATH[?reply_dir=DIR], unix:/PATH or udp:HOST:PORT',
  })
}
