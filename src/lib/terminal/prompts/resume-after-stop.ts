/**
 * Has a prompt go on after Ctrl-Z and `fg`: Node's readline pauses its input then, and the prompt would wait for ever.
 *
 * @returns ends it
 */
export function resumeAfterStop(input: NodeJS.ReadableStream): () => void {
  // Node's own listener, which pauses, comes after this one.
  const resume = () => setImmediate(() => input.resume())
  process.on('SIGCONT', resume)
  return () => process.off('SIGCONT', resume)
}
