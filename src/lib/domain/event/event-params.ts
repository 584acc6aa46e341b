import data from './opensips-events.json' with { type: 'json' }

/** Stands for parameters of any other name. */
const anyOther = '*'

/**
 * The names of each event's parameters, with blanks between; `*` among them stands for any other name. It is all that a
 * raise needs of the catalogue: the bundle has it ready-made (scripts/bundle/precompute.ts).
 */
export const eventParams: Readonly<Record<string, string>> = Object.fromEntries(
  data.events.map(({ name, params, open }: Event) => [
    name,
    [...params.map((param) => param.name), ...(open ? [anyOther] : [])].join(' '),
  ]),
)

interface Event {
  readonly name: string
  readonly params: readonly { readonly name: string }[]
  readonly open?: boolean
}
