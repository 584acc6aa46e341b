// Refuses an exported function or class of src/lib without a docstring that says what it is: `npm run lint`.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Comment, type Program, parseSync } from 'oxc-parser'

export interface Undocumented {
  readonly line: number
  readonly name: string
}

/** The exported functions and classes of a module that have no sentence of docstring right before them; lines count from 1. */
export function undocumented(file: string, text: string): Undocumented[] {
  const { program, comments } = parseSync(file, text)
  return program.body.flatMap((statement) => {
    const name = exportedName(statement)
    if (name === undefined || hasDocstring(comments, text.slice(0, statement.start))) return []
    return [{ line: text.slice(0, statement.start).split('\n').length, name }]
  })
}

/** The name of what a statement exports, if that is a function or a class. */
function exportedName(statement: Program['body'][number]): string | undefined {
  if (statement.type !== 'ExportNamedDeclaration' && statement.type !== 'ExportDefaultDeclaration')
    return undefined
  const { declaration } = statement
  switch (declaration?.type) {
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return declaration.id?.name ?? 'default'
    case 'VariableDeclaration': {
      const [first] = declaration.declarations
      const isFunction = first?.init?.type === 'ArrowFunctionExpression'
      return isFunction && first.id.type === 'Identifier' ? first.id.name : undefined
    }
    default:
      return undefined
  }
}

/** Whether a text ends with a docstring that says more than its tags do. */
function hasDocstring(comments: readonly Comment[], before: string): boolean {
  const end = before.trimEnd().length
  return comments.some((comment) => comment.end === end && /^\*[\s*]*[^\s*@]/.test(comment.value))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const problems = globSync('src/lib/**/*.ts', { cwd: root, exclude: ['**/*.d.ts'] })
    .sort()
    .flatMap((file) =>
      undocumented(file, readFileSync(`${root}/${file}`, 'utf8')).map(
        ({ line, name }) => `${file}:${line}: ${name} has no docstring (docs/style.md)`,
      ),
    )
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length > 0 ? 1 : 0
}
