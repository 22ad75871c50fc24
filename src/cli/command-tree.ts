import type { Command } from 'commander';

/** `user create`; empty for the program itself. */
export function nameOf(command: Command): string {
  const { parent } = command;
  return parent === null ? '' : `${nameOf(parent)} ${command.name()}`.trim();
}

/** With all below it. */
export function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}
