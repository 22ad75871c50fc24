import { type Command, CommanderError } from 'commander';
import { buildProgram } from '../../src/cli/program.js';

/** Values for the words in capitals that documents write; others stand for themselves. */
const SAMPLES: Readonly<Record<string, string>> = {
  ID: '1',
  N: '2',
  ACTION: 'signed_in',
  LEVEL: 'private',
  'PATH,…': 'tanuki/app,postgres',
  ROLE: 'developer',
  'PATH=ROLE,…': 'tanuki=developer,tanuki/app=guest',
  'SCOPE,…': 'read_registry',
  'YYYY-MM-DD': '2027-01-01',
};

async function* noInput(): AsyncGenerator<string> {}

function ignore(): void {}

async function wait(): Promise<void> {}

/** The real program, whose commands do nothing. */
export function program(): Command {
  const built = buildProgram(
    {
      env: {},
      stdin: noInput(),
      now: () => new Date(),
      columns: null,
      writeOut: ignore,
      writeAll: wait,
      writeError: ignore,
      progress: ignore,
    },
    { version: '1.2.3', serve: wait, quickstart: wait },
  );
  for (const command of leaves(built)) {
    command.action(ignore);
  }
  return built;
}

export function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

/** What the program says against this command line; null if it takes it. */
export function usageProblem(words: readonly string[]): string | null {
  try {
    program().parse(
      words.map((word) => SAMPLES[word] ?? word),
      { from: 'user' },
    );
    return null;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? null : error.message;
    }
    throw error;
  }
}

const PROGRAM = String.raw`(?:node (?:\S*/)?dist/src/main\.js|(?:^|exec pullgate |-- |&& )pullgate)`;
const COMMAND_LINE = new RegExp(String.raw`${PROGRAM}(?<args>(?: [^\s|;&>#]\S*)+)`, 'g');
const QUICKSTART = /^npm start -- (?<args>[^#]+)/;

/** The arguments of each command line of ours in a document's code: blocks and `inline`. */
export function commandLines(page: string): string[][] {
  const blocks = Array.from(page.matchAll(/^ *```\w*\n([^]*?)^ *```$/gm), ([, code = '']) => code);
  const inline = Array.from(
    page.replaceAll(/^ *```\w*\n[^]*?^ *```$/gm, '').matchAll(/`([^`\n]+)`/g),
    ([, code = '']) => code,
  );
  const lines = blocks.flatMap((code) => code.replaceAll(/\\\n\s*/g, '').split('\n'));
  return [...lines.map((line) => line.trim()), ...inline].flatMap((line) => [
    ...Array.from(line.matchAll(COMMAND_LINE), ({ groups }) => wordsOf(groups?.['args'])),
    ...Array.from(line.match(QUICKSTART)?.slice(1) ?? [], (args) => [
      'quickstart',
      ...wordsOf(args),
    ]),
  ]);
}

function wordsOf(text = ''): string[] {
  return text.trim().split(/\s+/);
}
