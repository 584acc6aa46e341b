import { BaseCommand } from '#lib/cli/base-command.ts'
import { textArgument } from '#lib/cli/flags/shared/common.ts'
import { findEvents } from '#lib/domain/event/catalogue.ts'
import { nearestEvent } from '#lib/domain/event/doubts.ts'
import { EviError } from '#lib/errors.ts'
import {
  eventsDocument,
  eventsHint,
  noEventHint,
  renderEventList,
  renderEvents,
} from '#lib/views/events/render-events.ts'

export default class Events extends BaseCommand<typeof Events> {
  static override description =
    'show the events of OpenSIPS and their parameters\n\nWithout WORD all of them, a line each; with one those that have it in their name, module or meaning, with their parameters in the order in which OpenSIPS sends them.'
  static override examples = [
    '<%= config.bin %> events',
    '<%= config.bin %> events E_PIKE_BLOCKED',
    '<%= config.bin %> events dialog --json',
  ]

  static override args = {
    word: textArgument({
      description: 'a part of the name, a module, or the start of a word of the meaning',
    }),
  }

  async run(): Promise<void> {
    const { word } = this.args
    const events = findEvents(word ?? '')
    if (word !== undefined && events.length === 0)
      throw new EviError('not-found', `No event of OpenSIPS has ${JSON.stringify(word)} in it.`, {
        hint: noEventHint(await nearestEvent(word)),
      })
    await this.present(events, {
      json: eventsDocument,
      ...(word === undefined ? { text: renderEventList, beside: () => eventsHint } : { text: renderEvents }),
    })
  }
}
