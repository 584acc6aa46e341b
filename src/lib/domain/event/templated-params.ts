import { buildNotification, type ParamsInput, paramNameOf } from './notification.ts'
import { readTemplate, type TemplateValues } from './template.ts'

/**
 * The notification of one event after another, whose named and unnamed parameters may hold placeholders; the whole params
 * are taken as they are.
 *
 * @returns as `buildNotification`, for the values of an event
 * @throws EviError `usage` for a torn template
 */
export function templatedNotification(
  event: string,
  { named, unnamed, whole }: ParamsInput,
): (values: TemplateValues) => string {
  const namedTemplates = named.map((assignment) => readTemplate(assignment, paramNameOf(assignment).length))
  const unnamedTemplates = unnamed.map((text) => readTemplate(text))
  return (values) =>
    buildNotification(event, {
      named: namedTemplates.map((template) => template(values)),
      unnamed: unnamedTemplates.map((template) => template(values)),
      whole,
    })
}
