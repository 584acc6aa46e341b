/** Whether there is a person to ask; a prompt without a terminal would end the process. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}
