import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'
import {
  connectionFlags,
  managementFlag,
  openSipsFlag,
  renamedReplyTimeoutFlag,
} from '#lib/cli/flags/shared/common.ts'
import { mapFormats } from '#lib/views/map/render-map.ts'

/** The flags of `evi map`, each checked. */
export const mapFlags = {
  check: Flags.boolean({ description: 'look at the brokers, as evi check does' }),
  management: managementFlag,
  opensips: openSipsFlag,
  format: Flags.option({
    options: mapFormats,
    description:
      'tree for a terminal, mermaid or dot for a document, svg for a picture, html for a page to look around in',
    default: 'tree' as const,
  })(),
  ...connectionFlags,
  'reply-timeout': renamedReplyTimeoutFlag,
}

export type MapFlags = InferredFlags<typeof mapFlags> & { readonly json: boolean }
