import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const programs = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The path of a Chromium on this machine, if there is one. */
export function findBrowser(): string | undefined {
  for (const program of programs) {
    try {
      return execFileSync('which', [program], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim()
    } catch {
      // The next one.
    }
  }
  return undefined
}

interface Reply {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/** A page in a headless Chromium, over the Chrome DevTools Protocol; disposing of it ends the browser. */
export class Page {
  readonly #browser: ChildProcess
  readonly #directory: string
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()
  readonly #heard = new Map<string, () => void>()
  #id = 0
  /** Errors of scripts, and what the content security policy refused. */
  readonly errors: string[] = []

  static async open(program: string): Promise<Page> {
    const directory = mkdtempSync(join(tmpdir(), 'evi-browser-'))
    const browser = spawn(
      program,
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        `--user-data-dir=${directory}`,
        '--remote-debugging-port=0',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const address = await new Promise<string>((resolve, reject) => {
      let said = ''
      browser.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said += text
        const found = /DevTools listening on ws:\/\/(\S+?)\//.exec(said)?.[1]
        if (found) resolve(found)
      })
      browser.on('close', () => reject(new Error(`The browser ended: ${said}`)))
    })
    const created = await fetch(`http://${address}/json/new`, { method: 'PUT' })
    const { webSocketDebuggerUrl } = (await created.json()) as { webSocketDebuggerUrl: string }
    const socket = new WebSocket(webSocketDebuggerUrl)
    await once(socket, 'open')
    const page = new Page(browser, directory, socket)
    for (const domain of ['Page', 'Runtime', 'Log', 'Accessibility']) await page.send(`${domain}.enable`)
    return page
  }

  private constructor(browser: ChildProcess, directory: string, socket: WebSocket) {
    this.#browser = browser
    this.#directory = directory
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#hear(JSON.parse(String(data))))
  }

  async send<T>(method: string, params: object = {}): Promise<T> {
    const id = ++this.#id
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting.set(id, { resolve, reject })
    this.#socket.send(JSON.stringify({ id, method, params }))
    return (await promise) as T
  }

  /** Shows a file; resolves when it is loaded. */
  async show(path: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => this.#heard.set('Page.loadEventFired', resolve))
    await this.send('Page.navigate', { url: `file://${path}` })
    await loaded
  }

  /** What an expression is in the page, as JSON has it. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result } = await this.send<{ result: { value: T } }>('Runtime.evaluate', {
      expression,
      returnByValue: true,
    })
    return result.value
  }

  /** Types a key, by its name in `KeyboardEvent.key`. */
  async press(key: string): Promise<void> {
    const code = { ' ': 'Space' }[key] ?? key
    for (const type of ['rawKeyDown', 'keyUp']) await this.send('Input.dispatchKeyEvent', { type, key, code })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close()
    const ended = once(this.#browser, 'close')
    this.#browser.kill('SIGKILL')
    await ended
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 })
  }

  #hear({ id, method, params, result, error }: Reply): void {
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded')
      this.errors.push(JSON.stringify(params))
    if (method !== undefined) this.#heard.get(method)?.()
    const waiting = id === undefined ? undefined : this.#waiting.get(id)
    if (error) waiting?.reject(new Error(error.message))
    else waiting?.resolve(result)
  }
}
