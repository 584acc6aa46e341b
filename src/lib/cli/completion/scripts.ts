export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

const scripts = {
  bash: () => import('./evi.bash'),
  zsh: () => import('./evi.zsh'),
  fish: () => import('./evi.fish'),
}

/** The script that a shell reads at its start. It asks evi at each tab, so that it stays right when evi is updated. */
export async function completionScript(shell: Shell): Promise<string> {
  return (await scripts[shell]()).default
}
