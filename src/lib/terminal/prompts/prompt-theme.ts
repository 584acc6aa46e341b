import type { Style } from '#lib/terminal/style.ts'

/** What a key does, as the last line of a prompt says. */
export type KeyAction = readonly [key: string, action: string]

/** How the prompts of @inquirer/prompts look: with evi's marks, and without cyan, which a light background swallows. */
export function promptTheme({ faint, marks, strong }: Style, keysOf = asTheyAre): object {
  const names = new Map([
    ['\u2191\u2193', marks.keys.upDown],
    ['\u23ce', marks.keys.enter],
  ])
  const tip = ([key, action]: KeyAction) => `${strong(names.get(key) ?? key)} ${faint(action)}`
  return {
    prefix: { idle: strong('?'), done: marks.ok },
    icon: { cursor: marks.pointer },
    spinner: { interval: 80, frames: marks.spinner },
    style: {
      error: (text: string) => text,
      answer: strong,
      highlight: strong,
      searchTerm: strong,
      keysHelpTip: (keys: readonly KeyAction[]) => keysOf(keys).map(tip).join(` ${marks.note} `),
    },
  }
}

const asTheyAre = (keys: readonly KeyAction[]) => keys
