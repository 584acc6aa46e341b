import { cpus, release, totalmem } from 'node:os'

/** What numbers were measured on, as a list of facts. @param version RabbitMQ's */
export function machineFacts(version: string): readonly string[] {
  const cores = cpus()
  return [
    `${cores.length} cores of ${cores[0]?.model.trim()}, shared by the programs and the broker`,
    `${Math.round(totalmem() / 2 ** 30)} GiB of memory, Linux ${release()}`,
    `Node ${process.versions.node}`,
    `RabbitMQ ${version} on the loopback address`,
  ]
}
