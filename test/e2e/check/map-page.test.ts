import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { Evi } from '../../helpers/evi/evi.ts'
import { findBrowser, Page } from '../../helpers/terminal/browser.ts'

const own = ownBroker({})
const program = findBrowser()
const hostile = `"'&amp;</script><script>alert(2)</script><img/src=x>`

let evi: Evi
beforeAll(async () => {
  evi = new Evi()
  await own.client.channel.assertQueue('pike', { exclusive: true })
  await own.client.channel.consume('pike', () => {})
  await evi.run(['subscribe', 'E_OK', `${own.address}/pike`])
  await evi.run(['subscribe', 'E_GONE', `${own.address}/gone`])
  await evi.run(['subscribe', hostile, `${own.address}/${encodeURIComponent(hostile)}`])
})
afterAll(() => evi.dispose())

test('evi map --format svg is a picture that loads nothing, with the cuts marked', async () => {
  const { code, stdout, stderr } = await evi.run(['map', '--check', '--format', 'svg'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" class="wiring" role="img"/)
  expect(stdout).toContain('The wiring of 3 events to 3 sockets, 2 of them broken.')
  expect(stdout.match(/class="node socket failed"/g)).toHaveLength(2)
  expect(stdout).not.toMatch(/<script|<img|href=/)
})

test('evi map --format html of an empty store is a page, too', async () => {
  const empty = new Evi()
  const { code, stdout } = await empty.run(['map', '--format', 'html'])
  await empty.dispose()
  expect(code).toBe(0)
  expect(stdout).toContain('The wiring of 0 events to 0 sockets')
})

const why = program === undefined ? ' (skipped: this machine has no Chromium)' : ''
describe.skipIf(program === undefined)(`evi map --format html, in a browser${why}`, () => {
  let page: Page
  beforeAll(async () => {
    const { stdout } = await evi.run(['map', '--check', '--format', 'html'])
    const file = join(evi.configDirectory, 'map.html')
    writeFileSync(file, stdout)
    page = await Page.open(program ?? '')
    await page.show(file)
  })
  afterAll(async () => await page?.[Symbol.asyncDispose]())

  const details = () => page.evaluate<string>("document.getElementById('details').innerText")
  const focused = () => page.evaluate<string>("document.activeElement.getAttribute('aria-label')")

  test('has no error, and runs nothing that stands in a name', async () => {
    expect(page.errors).toEqual([])
    expect(await page.evaluate('document.querySelectorAll("img, script:not([type])").length')).toBe(1)
  })

  test('is walked through with the keyboard, which shows the details', async () => {
    await page.evaluate('document.querySelector(\'.node[tabindex="0"]\').focus()')
    for (let step = 0; step < 3; step++) await page.press('ArrowUp')
    const column = [await focused()]
    for (let step = 1; step < 3; step++) {
      await page.press('ArrowDown')
      column.push(await focused())
    }
    expect(column.toSorted()).toEqual([`event ${hostile}`, 'event E_GONE', 'event E_OK'])
    for (let step = 2; step > column.indexOf('event E_GONE'); step--) await page.press('ArrowUp')
    await page.press('ArrowRight')
    expect(await focused()).toMatch(/^socket rabbitmq:.+\/gone, broken$/)
    await page.press('Enter')
    expect(await details()).toMatch(/socket rabbitmq:.+\/gone\s+State: broken[\s\S]+Leads to\s+broker /)
    await page.press('Escape')
    expect(await details()).toBe('Choose a box to see its details.')
    expect(await page.evaluate('document.querySelectorAll(\'.node[tabindex="0"]\').length')).toBe(1)
  })

  test('shows the details of a box that is clicked, with links to its neighbours', async () => {
    await page.evaluate("document.querySelector('.queue.failed').dispatchEvent(new MouseEvent('click'))")
    expect(await details()).toMatch(/There is no queue/)
    await page.evaluate("document.querySelector('#details button').click()")
    expect(await details()).toMatch(/^broker /)
  })

  test('shows the reason and the remedy of evi check, whose command is reached and selected by Tab', async () => {
    const { checks } = await evi.json<{
      checks: { events: string[]; steps: { reason: string; hint: string }[] }[]
    }>('check')
    const check = checks.find(({ events }) => events.includes(hostile))
    const { reason, hint } = check?.steps.at(-1) ?? { reason: '', hint: '' }
    const [first = ''] = hint.split('\n')
    const command = first.slice(first.indexOf(': ') + 2)
    expect(command).toMatch(/^evi declare /)
    await page.evaluate(
      `[...document.querySelectorAll('.queue.failed')].at(-1).dispatchEvent(new MouseEvent('click'))`,
    )
    const shown = await details()
    expect(shown).toContain(reason)
    for (const line of hint.split('\n'))
      expect(shown.replace(/\s+/g, ' ')).toContain(line.replace(/\s+/g, ' '))
    await page.press('Tab')
    expect(await page.evaluate('[document.activeElement.tagName, getSelection().toString()]')).toEqual([
      'CODE',
      command,
    ])
  })

  test('shows at a socket that is whole itself what is broken behind it', async () => {
    await page.evaluate("document.querySelector('.socket.failed').dispatchEvent(new MouseEvent('click'))")
    expect(await details()).toMatch(/^socket [\s\S]+There is no queue [\s\S]+\bevi declare /)
  })

  test('shows where a wire leads to that is clicked', async () => {
    await page.evaluate("document.querySelector('.cut.wire').dispatchEvent(new MouseEvent('click'))")
    expect(await details()).toMatch(/State: broken/)
  })

  test('shows only what is broken on request', async () => {
    const faded = () => page.evaluate<number>("document.querySelectorAll('.event.aside').length")
    expect(await faded()).toBe(0)
    await page.evaluate("document.getElementById('only-cuts').click()")
    expect(await faded()).toBe(1)
    await page.evaluate("document.getElementById('only-cuts').click()")
    expect(await faded()).toBe(0)
  })

  test('gives each box to a screen reader as a button with its state', async () => {
    const { nodes } = await page.send<{ nodes: { role?: { value: string }; name?: { value: string } }[] }>(
      'Accessibility.getFullAXTree',
    )
    const buttons = nodes.filter(({ role }) =>
      /^(?:button|toggleButton|ToggleButton)$/.test(role?.value ?? ''),
    )
    const names = buttons.map(({ name }) => name?.value ?? '')
    expect(names).toEqual(
      expect.arrayContaining(['event E_OK', expect.stringMatching(/^queue gone, broken: There is no queue/)]),
    )
  })

  test('has colours for light and for dark', async () => {
    const ground = async (scheme: string) => {
      await page.send('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value: scheme }],
      })
      return await page.evaluate('getComputedStyle(document.body).backgroundColor')
    }
    expect(await ground('light')).toBe('rgb(255, 255, 255)')
    expect(await ground('dark')).toBe('rgb(13, 17, 23)')
  })

  test('fits a narrow screen: the picture scrolls, and not the page', async () => {
    const narrow = { width: 360, height: 700, deviceScaleFactor: 1, mobile: false }
    await page.send('Emulation.setDeviceMetricsOverride', narrow)
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  })
})
