import { printMiUrl, readMiUrl } from '#lib/domain/opensips/mi-url.ts'
import { type AddressName, noAddress } from './address-settings.ts'
import { defaultManagement, printManagementSetting, readManagementSetting } from './management-setting.ts'

interface AddressRule {
  /** What is shown where nothing is set. */
  readonly default: string
  /**
   * The address as it is shown, without a login.
   *
   * @param source what the error names
   * @throws EviError `usage` for what is no such address
   */
  readonly print: (text: string, source: string) => string
}

export const addressRules: Readonly<Record<AddressName, AddressRule>> = {
  opensips: { default: noAddress, print: (text, source) => printMiUrl(readMiUrl(text, source)) },
  management: {
    default: defaultManagement,
    print: (text, source) => printManagementSetting(readManagementSetting(text, source)),
  },
}
