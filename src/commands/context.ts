import ContextList from './context/list.ts'

export default class ContextIndex extends ContextList {
  static override description =
    'list the contexts, and which of them commands work in\n\n' +
    'A context has its own subscriptions, settings and TLS domains: one for staging, one for production. ' +
    'A command works in that of --context, or else of EVI_CONTEXT, or else of evi context use.'
  static override examples = [
    '<%= config.bin %> context create staging',
    '<%= config.bin %> raise E_PIKE_BLOCKED --context staging',
    '<%= config.bin %> context use staging',
  ]
}
