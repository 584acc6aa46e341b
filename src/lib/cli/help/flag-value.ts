import type { Command } from '@oclif/core/command'

/** What help and man pages write for the value of a flag: what it says itself, else its name. */
export function flagValue({ helpValue, name }: ValueFlag): string {
  return String(helpValue ?? name.toUpperCase())
}

type ValueFlag = Extract<Command.Flag.Cached, { type: 'option' }>
