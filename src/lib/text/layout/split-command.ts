/**
 * A remedy's sentence and the command that ends it, of one of the tools that evi's remedies name; colours may follow. A
 * single word such as "See:" has its command beside it.
 */
export function splitCommand(line: string): { readonly prose: string; readonly command?: string } {
  // Made here, as Unicode's classes cost half a millisecond, and only terminals need them.
  const command =
    /\S \S.*: (?<words>(?:evi|rabbitmqctl|rabbitmqadmin|rabbitmq-plugins|chmod|export|openssl|opensips-cli|iconv) \P{Cc}+)(?<end>(?:\p{Cc}\[\d+m)*)$/u
  const found = command.exec(line)?.groups
  if (!found) return { prose: line }
  const { words = '', end = '' } = found
  return { prose: line.slice(0, line.length - words.length - end.length - 1) + end, command: words }
}
