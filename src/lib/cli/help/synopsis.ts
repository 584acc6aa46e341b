import type { Command } from '@oclif/core/command'

/**
 * What follows the name of a command: its arguments, and a word that stands for all flags.
 *
 * @param shown how an argument's name is written
 */
export function synopsisOf(
  { args, flags, usage, id }: Pick<Command.Cached, 'args' | 'flags' | 'usage' | 'id'>,
  shown = (name: string) => name,
): readonly string[] {
  if (typeof usage === 'string') return [usage.slice(id.length).trim()]
  const names = Object.values(args).map(({ name, required }) => {
    const argument = shown(name.toUpperCase())
    return required ? argument : `[${argument}]`
  })
  return [...names, ...(Object.keys(flags).length > 0 ? [`[${shown('FLAGS')}]`] : [])]
}
