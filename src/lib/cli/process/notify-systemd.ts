import { execFile } from 'node:child_process'

/**
 * Reports to systemd that evi is ready (READY=1), where systemd waits for it (Type=notify): by the program systemd-notify,
 * as Node.js has no datagrams for sockets in the file system. Elsewhere it does nothing.
 *
 * @param status what `systemctl status` shows
 * @param onFailure called with a sentence when systemd cannot be reached
 */
export function notifyReady(status: string, onFailure: (sentence: string) => void): void {
  if (!process.env.NOTIFY_SOCKET) return
  execFile('systemd-notify', ['--ready', `--status=${status}`], (error) => {
    if (error)
      onFailure(
        `systemd does not learn that evi is ready: ${error.message.trim()}. Type=exec does without it.`,
      )
  })
}
