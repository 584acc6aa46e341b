import { allowDrawing } from '#lib/terminal/escape-guard.ts'

/** The prompts that evi uses; imported when there is something to ask. */
export { confirm, input, password, search, select } from '@inquirer/prompts'

allowDrawing()
