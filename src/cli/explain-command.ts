import { Argument, Option, type Command } from 'commander';
import type { DenialDoor } from '../access/denial.js';
import type { Outcome } from '../access/explanation.js';
import { explainAccess } from '../services/explain.js';
import { withStore, type CliContext } from './context.js';
import type { OutputOptions } from './output.js';

interface ExplainOptions extends OutputOptions {
  readonly action?: string;
  readonly door: DenialDoor;
}

const USUAL_ACTIONS: Readonly<Record<DenialDoor, string>> = { registry: 'pull', git: 'fetch' };

const MARKS: Readonly<Record<Outcome, string>> = { passed: '✓', stopped: '✗', 'not-reached': ' ' };

export function addExplainCommand(program: Command, context: CliContext): void {
  program
    .command('explain')
    .description('what the registry or git would answer, and why')
    .addArgument(new Argument('<who>', 'a username, or the id of a deploy token'))
    .addArgument(new Argument('<repository>', 'its name; with --door git the path of a project'))
    .option('--action <action>', 'pull, push or delete; with --door git fetch or push')
    .addOption(
      new Option('--door <door>', 'where it is asked')
        .choices(['registry', 'git'])
        .default('registry'),
    )
    .option('--json', 'print one JSON object')
    .action(async (who: string, name: string, options: ExplainOptions) => {
      const { door, action = USUAL_ACTIONS[door], json } = options;
      const asked = { who: /^\d{1,9}$/.test(who) ? Number(who) : who, name, action, door };
      const explanation = await withStore(
        context,
        async (deps) => await explainAccess(deps, deps.operator, asked),
      );
      context.writeOut(
        json === true
          ? `${JSON.stringify(explanation)}\n`
          : explanation.facts.map(({ outcome, text }) => `${MARKS[outcome]} ${text}\n`).join(''),
      );
    });
}
