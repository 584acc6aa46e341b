interface CommandGroup {
  readonly title: string
  /** Commands and topics, the one that a user needs first at the beginning. */
  readonly names: readonly string[]
}

/** What `evi` alone shows, in the order in which a new user needs it. */
export const commandGroups: readonly CommandGroup[] = [
  { title: 'START', names: ['setup', 'sandbox', 'help', 'completion'] },
  {
    title: 'WIRING',
    names: [
      ...['subscribe', 'unsubscribe', 'list', 'declare', 'import', 'export', 'password'],
      ...['context', 'settings', 'tls-domain'],
    ],
  },
  { title: 'EVENTS', names: ['events', 'raise', 'tail', 'bench'] },
  { title: 'DIAGNOSE', names: ['check', 'map'] },
]
