import type { Command } from 'commander';
import { nameOf } from '../../src/cli/command-tree.js';
import { leaves, program, usageProblem } from './command-lines.js';

/** A command as docs/cli.md writes it: `user create NAME [--admin] [--display-name TEXT]`. */
interface Form {
  readonly name: string;
  readonly text: string;
  /** Each a flag with its value, if it takes one, or several of which one can be given. */
  readonly optional: readonly (readonly (readonly string[])[])[];
  /** The words outside of brackets. */
  readonly needed: readonly string[];
}

/** Where the commands of docs/cli.md differ from those that the program has. */
export function cliPageDifferences(page: string): string[] {
  const block = /^```\n(pullgate [^]*?)^```$/m.exec(page)?.[1] ?? '';
  const commands = leaves(program());
  const forms = block
    .trim()
    .split('\n')
    .flatMap((line) => readLine(line, commands));
  const told = forms.map(({ name }) => name).toSorted();
  const known = commands.map(nameOf).toSorted();
  return [
    ...known.filter((name) => !told.includes(name)).map((name) => `${name} is not told`),
    ...told.filter((name) => !known.includes(name)).map((name) => `there is no ${name}`),
    ...told
      .filter((name, index) => told[index - 1] === name)
      .map((name) => `${name} is told twice`),
    ...forms.flatMap((form) => formDifferences(form, commands)),
    ...commands.flatMap(outputDifferences),
  ];
}

/** `pullgate user create NAME | list`: what follows a bar is of the same group. */
function readLine(line: string, commands: readonly Command[]): Form[] {
  const [first = '', ...others] = line.replace(/^pullgate /, '').split(/ \| /);
  const group = groupOf(first.split(' '), commands);
  return [first, ...others.map((other) => [...group, other].join(' '))].map((text) =>
    readForm(text, commands),
  );
}

/** The words before a command's own: `project images` for `project images list PROJECT`. */
function groupOf(words: readonly string[], commands: readonly Command[]): readonly string[] {
  const lengths = words.map((_, index) => index);
  const length = lengths.findLast((each) =>
    commands.some((command) => nameOf(command).startsWith(`${words.slice(0, each).join(' ')} `)),
  );
  return words.slice(0, length ?? 0);
}

function readForm(text: string, commands: readonly Command[]): Form {
  const words = text.split(' ');
  const length = groupOf(words, commands).length + 1;
  const rest = words.slice(length).join(' ');
  return {
    name: words.slice(0, length).join(' '),
    text,
    optional: Array.from(rest.matchAll(/\[([^\]]+)\]/g), ([, inner = '']) =>
      inner.split(/\|(?=--)/).map((option) => option.split(' ')),
    ),
    needed: rest
      .replaceAll(/\[[^\]]+\]/g, '')
      .split(' ')
      .filter((word) => word !== ''),
  };
}

/** With every option and with none it must be taken, and without any one needed word refused. */
function formDifferences(
  { name, text, optional, needed }: Form,
  commands: readonly Command[],
): string[] {
  const command = commands.find((candidate) => nameOf(candidate) === name);
  if (command === undefined) {
    return [];
  }
  const start = name.split(' ');
  const short = [...start, ...needed];
  const most = Math.max(...optional.map(({ length }) => length), 1);
  const full = Array.from({ length: most }, (_, index) => [
    ...short,
    ...optional.flatMap((options) => options[index] ?? options[0] ?? []),
  ]);
  const problems = [...full, short].flatMap(choices).map(usageProblem);
  const shorter = needed.map((_, index) => [...start, ...needed.toSpliced(index, 1)]);
  const flags = full
    .flat()
    .flatMap((word) => word.split('|'))
    .filter((word) => word.startsWith('--'));
  const untold = command.options.filter(
    ({ long }) => long !== '--json' && !flags.includes(long ?? ''),
  );
  return [
    ...problems.filter((problem) => problem !== null).map((problem) => `${text}: ${problem}`),
    ...shorter
      .filter((words) => usageProblem(words) === null)
      .map((words) => `${text}: "${words.join(' ')}" is enough`),
    ...untold.map(({ long }) => `${text}: ${long ?? ''} is not told`),
  ];
}

/** With `private|internal|public` one command line for each of the three; else it alone. */
function choices(words: readonly string[]): string[][] {
  const index = words.findIndex((word) => word.includes('|'));
  const texts = words[index]?.split('|') ?? [];
  return index === -1 ? [[...words]] : texts.map((choice) => words.with(index, choice));
}

/** The page says that every listing and creation takes --json. */
function outputDifferences(command: Command): string[] {
  const isMeant = ['list', 'create'].includes(command.name());
  return isMeant && command.options.every(({ long }) => long !== '--json')
    ? [`${nameOf(command)} takes no --json`]
    : [];
}
