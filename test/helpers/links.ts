import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The links of a Markdown page that name no file, or no heading of it; links to other hosts are not looked at. */
export function deadLinksOf(page: string): readonly string[] {
  return linksOf(page).filter((link) => !leadsSomewhere(page, link))
}

/** The links within the repository, code blocks aside. */
function linksOf(page: string): readonly string[] {
  const prose = textOf(page).replace(/^(```|~~~).*?^\1/gms, '')
  const links = [...prose.matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)/g)].map(([, link = '']) => link)
  return links.filter((link) => !/^[a-z]+:/.test(link))
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#')
  const file = path === '' ? page : join(dirname(page), decodeURIComponent(path))
  return existsSync(file) && (heading === undefined || headingsOf(file).includes(heading))
}

/** The headings as links name them. */
function headingsOf(file: string): readonly string[] {
  return [...textOf(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function textOf(file: string): string {
  return readFileSync(file, 'utf8')
}
