import * as Args from '@oclif/core/args'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { completionScript, type Shell, shells } from '#lib/cli/completion/scripts.ts'

export default class Completion extends BaseCommand<typeof Completion> {
  static override description =
    'print the completion for a shell\n\n' +
    'It completes commands, flags and their values, the events and sockets of the store, and the events of OpenSIPS. ' +
    'bash: eval "$(evi completion bash)" in ~/.bashrc. zsh: source <(evi completion zsh) in ~/.zshrc, after compinit. ' +
    'fish: evi completion fish > ~/.config/fish/completions/evi.fish, once.'
  static override examples = [
    'eval "$(<%= config.bin %> completion bash)"',
    'source <(<%= config.bin %> completion zsh)',
    '<%= config.bin %> completion fish > ~/.config/fish/completions/evi.fish',
  ]

  static override args = {
    shell: Args.custom<Shell>({
      ignoreStdin: true,
      description: 'the shell',
      options: [...shells],
    })({ required: true }),
  }

  async run(): Promise<void> {
    const { shell } = this.args
    await this.present(await completionScript(shell), {
      json: (script) => ({ shell, script }),
      text: (script) => script,
      raw: true,
    })
  }
}
