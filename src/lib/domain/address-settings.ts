/** Settings that are addresses, whose logins are never shown (docs/opensips-mi.md, docs/settings.md). */
export const addressNames = ['management', 'opensips'] as const
export type AddressName = (typeof addressNames)[number]

/** Addresses as they were given; those that are not set stay out. */
export type Addresses = Readonly<Partial<Record<AddressName, string>>>

/** Where addresses are kept; a port. */
export interface AddressStore {
  /** The addresses that are set. @throws EviError `damaged` */
  addresses(): Addresses
  /** Sets an address, or takes it out with undefined. @throws EviError `damaged`, `cannot-write`, `busy` */
  setAddress(name: AddressName, value: string | undefined): Promise<void>
}

/** What stands for an address that is not set. */
export const noAddress = 'off'

/** Whether a setting of this name is an address, and not a number. */
export function isAddressName(name: string): name is AddressName {
  return (addressNames as readonly string[]).includes(name)
}

/** `EVI_OPENSIPS` or `EVI_MANAGEMENT`, where it is set, or else the setting. @param options.stored is called only for the latter */
export function resolveAddress(
  name: AddressName,
  {
    environment,
    stored,
  }: { environment: Readonly<Record<string, string | undefined>>; stored: () => Addresses },
): { readonly text: string | undefined; readonly from: 'environment' | 'settings' | 'default' } {
  const variable = environment[`EVI_${name.toUpperCase()}`]
  if (variable) return { text: variable, from: 'environment' }
  const text = stored()[name]
  return { text, from: text === undefined ? 'default' : 'settings' }
}
