import { Command, CommanderError } from 'commander';
import { openCurrentStore } from '../store/open-store.js';
import { addAccessTokenCommands } from './access-token-commands.js';
import { addAuditCommands } from './audit-commands.js';
import { addBackupCommands } from './backup-commands.js';
import { readConfig } from '../config/load.js';
import type { CliContext } from './context.js';
import { describeFailure } from '../failure.js';
import { addDeployTokenCommands } from './deploy-token-commands.js';
import { everyCommand } from './command-tree.js';
import { addCompletionCommand } from './completion-command.js';
import { addExamples } from './examples.js';
import { printOne, type OutputOptions } from './output.js';
import { addDeniedCommand } from './denied-command.js';
import { addDoctorCommand } from './doctor-command.js';
import { addExplainCommand } from './explain-command.js';
import { addHealthCommand } from './health-command.js';
import { addKeyCommands } from './key-commands.js';
import { addMemberCommands } from './member-commands.js';
import { addNamespaceCommands } from './namespace-commands.js';
import { addProjectCommands } from './project-commands.js';
import { addRegistryCommands } from './registry-commands.js';
import { addUserCommands } from './user-commands.js';

/** The commands that run the service, which this folder does not know. */
export interface LongRunning {
  readonly serve: (context: CliContext, options: { readonly migrate: boolean }) => Promise<void>;
  readonly quickstart: (context: CliContext, options: { readonly check: boolean }) => Promise<void>;
}

const OK = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

/** Runs one command line; returns the exit code. Errors are one clear line on standard error. */
export async function runCommandLine(
  argv: readonly string[],
  context: CliContext,
  commands: LongRunning & { readonly version: string },
): Promise<number> {
  return await runProgram(buildProgram(context, commands), argv, context);
}

/** The same for a program that has commands of its own. */
export async function runProgram(
  program: Command,
  argv: readonly string[],
  context: CliContext,
): Promise<number> {
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return OK;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has written its message; asking for help or the version is no mistake.
      return error.exitCode === 0 ? OK : WRONG_USAGE;
    }
    context.writeError(`pullgate: ${describeFailure(error)}\n`);
    return FAILED;
  }
}

/** The commands, their arguments and options; parsing runs the one that is named. */
export function buildProgram(
  context: CliContext,
  commands: LongRunning & { readonly version: string },
): Command {
  const program = newProgram('pullgate', context)
    .description('Deploy tokens for a private Docker registry and git.')
    .version(commands.version);

  addQuickstart(program.command('quickstart'), context, commands.quickstart);
  program
    .command('serve')
    .description('the service, in the foreground')
    .option('--migrate', 'bring the database to this version first (always done on SQLite)')
    .action(async (options: { readonly migrate?: boolean }) => {
      await commands.serve(context, { migrate: options.migrate === true });
    });
  program
    .command('migrate')
    .description('bring the database to this version')
    .action(async () => {
      await migrate(context);
    });
  addUserCommands(program, context);
  addNamespaceCommands(program, context);
  addProjectCommands(program, context);
  addMemberCommands(program, context);
  addAccessTokenCommands(program, context);
  addDeployTokenCommands(program, context);
  addRegistryCommands(program, context);
  addKeyCommands(program, context);
  addAuditCommands(program, context);
  addDeniedCommand(program, context);
  addBackupCommands(program, context);
  addExplainCommand(program, context);
  addDoctorCommand(program, context);
  addHealthCommand(program, context);
  addCompletionCommand(program, context);
  program
    .command('version')
    .description('the version of Pullgate and of node')
    .option('--json', 'print one JSON object')
    .action((options: OutputOptions) => {
      printOne(context, options, { version: commands.version, node: process.versions.node });
    });
  for (const command of everyCommand(program)) {
    askForRequiredLast(command);
    addExamples(command);
  }
  return program;
}

/** A misspelt option is told by its name, and not as the one that is missing then. */
function askForRequiredLast(command: Command): void {
  const required = command.options.filter(({ mandatory }) => mandatory);
  for (const option of required) {
    option.makeOptionMandatory(false);
  }
  command.hook('preAction', () => {
    for (const option of required) {
      if (command.getOptionValue(option.attributeName()) === undefined) {
        command.error(`error: required option '${option.flags}' not specified`);
      }
    }
  });
}

/** Writes where the context says, and fails by an exception instead of ending the process. */
export function newProgram(name: string, { writeOut, writeError }: CliContext): Command {
  return new Command(name)
    .configureOutput({ writeOut, writeErr: writeError })
    .showHelpAfterError('(--help tells more)')
    .exitOverride();
}

export function addQuickstart(
  command: Command,
  context: CliContext,
  quickstart: LongRunning['quickstart'],
): void {
  command
    .description('everything on this machine: service, stock registry and a demo project')
    .option('--check', 'prove the whole path in a throw-away folder, then exit 0 or 1')
    .action(async (options: { readonly check?: boolean }) => {
      await quickstart(context, { check: options.check === true });
    });
}

async function migrate(context: CliContext): Promise<void> {
  const { database } = await readConfig(context);
  const { store, migrations } = await openCurrentStore(database, { migrate: true });
  await store.close();
  context.writeOut(
    migrations.length === 0
      ? 'The database is up to date.\n'
      : `The database is migrated: ${migrations.join(', ')}.\n`,
  );
}
