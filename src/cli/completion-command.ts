import { Argument, type Command } from 'commander';
import { completionScript, SHELLS, type Shell } from './completion.js';
import type { CliContext } from './context.js';

export function addCompletionCommand(program: Command, context: CliContext): void {
  program
    .command('completion')
    .description('print what lets a shell complete commands and options')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .action((shell: Shell) => {
      context.writeOut(completionScript(program, shell));
    });
}
