import type { Command } from 'commander';
import { OPERATOR_PREFIX } from '../access/actor.js';
import type { AuditAction, AuditEvent } from '../access/audit-event.js';
import { AppError } from '../access/errors.js';
import { pageOfAuditEvents, type AuditQuestion } from '../services/audit.js';
import { auditCsv, auditFields } from '../services/audit-export.js';
import { everyPage, MANY_AT_ONCE } from '../services/every-page.js';
import { findProjectId } from '../services/projects.js';
import { findUser } from '../services/users.js';
import { auditAction, calendarDate, integerId } from './arguments.js';
import { withStore, type CliContext, type OperatorDeps } from './context.js';

const DAY_MS = 24 * 60 * 60 * 1000;

interface ExportOptions {
  readonly project?: string;
  readonly by?: string;
  readonly action?: AuditAction;
  readonly deployToken?: number;
  readonly user?: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly csv?: boolean;
}

export function addAuditCommands(program: Command, context: CliContext): void {
  const audit = program.command('audit').description('who did what, and from where');

  audit
    .command('export')
    .description('events as JSON lines, the latest first')
    .option('--project <path>', 'only of this project')
    .option(
      '--by <user>',
      'only what this user did; operator: for the command line, operator:ada for ada by sudo',
    )
    .option('--action <action>', 'only this, such as deploy_token_revoked', auditAction)
    .option('--deploy-token <id>', 'only what was done to this deploy token', integerId)
    .option('--user <name>', 'only what was done to this account')
    .option('--since <date>', 'YYYY-MM-DD: only from 00:00 UTC of that date on', calendarDate)
    .option('--until <date>', 'YYYY-MM-DD: only up to the end of that date, UTC', calendarDate)
    .option('--csv', 'as CSV, for spreadsheets')
    .action(async (options: ExportOptions) => {
      await withStore(context, async (deps) => {
        const question = await questionOf(deps, options);
        const pages = everyPage(
          async (request) => await pageOfAuditEvents(deps, deps.operator, question, request),
          MANY_AT_ONCE,
        );
        await context.writeAll(options.csv === true ? auditCsv(pages) : auditLines(pages));
      });
    });
}

async function* auditLines(pages: AsyncIterable<readonly AuditEvent[]>): AsyncGenerator<string> {
  for await (const events of pages) {
    yield events.map((event) => `${JSON.stringify(auditFields(event))}\n`).join('');
  }
}

/** A project or a user that there is not is a mistake here, not an empty list. */
async function questionOf(
  deps: OperatorDeps,
  { project: path, by, action, deployToken, user, since, until }: ExportOptions,
): Promise<AuditQuestion> {
  return {
    trailOf: null,
    project: path === undefined ? null : await findProjectId(deps, path),
    by: by === undefined ? null : await doerOf(deps, by),
    action: action ?? null,
    subject: await subjectOf(deps, deployToken, user),
    from: since ?? null,
    until: until === undefined ? null : new Date(until.getTime() + DAY_MS),
  };
}

async function doerOf(deps: OperatorDeps, name: string): Promise<number | string> {
  return name.startsWith(OPERATOR_PREFIX) ? name : (await findUser(deps, deps.operator, name)).id;
}

async function subjectOf(
  deps: OperatorDeps,
  deployToken: number | undefined,
  username: string | undefined,
): Promise<AuditQuestion['subject']> {
  if (deployToken !== undefined && username !== undefined) {
    throw new AppError('invalid_input', 'Give --deploy-token or --user, not both.');
  }
  if (deployToken !== undefined) {
    return { kind: 'deploy_token', key: deployToken };
  }
  return username === undefined
    ? null
    : { kind: 'user', key: (await findUser(deps, deps.operator, username)).id };
}
