import type { Command } from 'commander';
import type { PageRequest } from '../access/page.js';
import { walkProgress, type OwnedRepository } from '../access/registry-inventory.js';
import {
  registryWalk,
  repositoriesOfRegistry,
  unownedRepositories,
} from '../services/registry-inventory.js';
import { importRegistry } from '../services/registry-import.js';
import {
  DEFAULT_DEPTH,
  planImport,
  type RegistryImport,
} from '../services/registry-import-plan.js';
import { depth } from './arguments.js';
import { withStore, type CliContext, type OperatorDeps } from './context.js';
import { printList, type Fields, type OutputOptions } from './output.js';

interface ListOptions extends OutputOptions {
  readonly unowned?: boolean;
}

interface ImportOptions extends OutputOptions {
  readonly depth: number;
  readonly dryRun?: boolean;
}

export function addRegistryCommands(program: Command, context: CliContext): void {
  const registry = program
    .command('registry')
    .description('what the registry holds, as the running service last found it');

  registry
    .command('list')
    .description('every repository, and the project that owns it')
    .option('--unowned', 'only those that no project owns')
    .option('--json', 'print a JSON array')
    .action(async (options: ListOptions) => {
      await withStore(context, async (deps) => {
        await list(context, deps, options);
      });
    });

  registry
    .command('import')
    .description('make namespaces and projects for what nobody owns')
    .option('--depth <components>', 'how long the paths of the projects are', depth, DEFAULT_DEPTH)
    .option('--dry-run', 'only say what would be made')
    .option('--json', 'print one JSON object')
    .action(async (options: ImportOptions) => {
      const done = await withStore(context, async (deps) =>
        options.dryRun === true
          ? await planImport(deps, deps.operator, options.depth)
          : await importRegistry(deps, deps.operator, options.depth, ({ path }) => {
              context.progress(`made ${path}`);
            }),
      );
      printImport(context, options, done);
    });
}

async function list(context: CliContext, deps: OperatorDeps, options: ListOptions): Promise<void> {
  const isUnowned = options.unowned === true;
  await printList(context, options, {
    async pageOf(request) {
      const page = isUnowned
        ? await unownedRepositories(deps, deps.operator, byCursor(request))
        : await repositoriesOfRegistry(deps, deps.operator, '', request);
      return { ...page, items: page.items.map(repositoryFields) };
    },
    empty: isUnowned
      ? 'There is no repository that no project owns.'
      : 'The registry is not known to hold anything.',
  });
  // Not part of the list, which may be read by a program.
  context.writeError(`${walkProgress(await registryWalk(deps, deps.operator))}\n`);
}

function byCursor({ limit, start }: PageRequest): {
  readonly limit: number;
  readonly start: { readonly after: string | null };
} {
  return { limit, start: { after: 'after' in start ? start.after : null } };
}

function repositoryFields({ name, project, foundAt }: OwnedRepository): Fields {
  return { repository: name, project: project?.path ?? null, found_at: foundAt.toISOString() };
}

function printImport(
  context: CliContext,
  { json, dryRun }: ImportOptions,
  { namespaces, projects, unowned }: RegistryImport,
): void {
  const isDryRun = dryRun === true;
  if (json === true) {
    const object = { dry_run: isDryRun, namespaces, projects, unowned };
    context.writeOut(`${JSON.stringify(object)}\n`);
    return;
  }
  const lines = [
    ...namespaces.map((path) => `namespace  ${path}`),
    ...projects.map(({ path, repositories }) => `project    ${path}  ${counted(repositories)}`),
    ...unowned.map(({ name, why }) => `unowned    ${name}  ${why}`),
    `${isDryRun ? 'Would make' : 'Made'} ${namespaces.length} namespaces and ${projects.length} projects; ` +
      `${unowned.length} repositories stay with the administrators.`,
  ];
  context.writeOut(`${lines.join('\n')}\n`);
}

function counted({ length }: readonly string[]): string {
  return length === 1 ? '1 repository' : `${length} repositories`;
}
