import type { Command } from 'commander';
import type { Project, Visibility } from '../access/project.js';
import type { Repositories } from '../repositories/repositories.js';
import { freePath, removeProject } from '../services/project-removal.js';
import { setArchived, setDefaultBranch, setVisibility } from '../services/project-settings.js';
import {
  adoptRepository,
  createProject,
  EVERY_PROJECT,
  findProjectByPath,
  pageOfProjects,
} from '../services/projects.js';
import { visibility } from './arguments.js';
import { addImageCommands } from './image-commands.js';
import { withStore, type CliContext, type OperatorDeps } from './context.js';
import { printList, printOne, type Fields, type OutputOptions } from './output.js';

interface Settings {
  readonly visibility?: Visibility;
  readonly defaultBranch?: string;
}

type SettingsOptions = OutputOptions & Settings;

const DEFAULT_BRANCH_HELP =
  'what clones check out: a branch that is there, or any while the repository is empty';

export function addProjectCommands(program: Command, context: CliContext): void {
  const project = program.command('project').description('what images and repositories belong to');

  project
    .command('create')
    .description('make a project with an empty git repository, and what is missing above it')
    .argument('<path>', 'such as tanuki/awesome_project')
    .option('--visibility <level>', 'private, internal or public', visibility, 'private' as const)
    .option('--default-branch <name>', DEFAULT_BRANCH_HELP)
    .option('--json', 'print one JSON object')
    .action(async (path: string, options: SettingsOptions) => {
      const { visibility: level = 'private', defaultBranch } = options;
      const created = await withStore(context, async (deps) => {
        const input = { path, visibility: level, defaultBranch };
        return await projectFields(deps, await createProject(deps, deps.operator, input));
      });
      printOne(context, options, created);
    });

  project
    .command('adopt')
    .description('take over the history of a bare repository, into a new project or an empty one')
    .argument('<path>', 'of the project, such as tanuki/awesome_project')
    .requiredOption(
      '--from <folder>',
      'the bare repository; it is copied, without hooks or settings',
    )
    .option('--json', 'print one JSON object')
    .action(async (path: string, options: OutputOptions & { readonly from: string }) => {
      const adopted = await withStore(context, async (deps) => {
        const made = await adoptRepository(deps, deps.operator, { path, from: options.from });
        return await projectFields(deps, made);
      });
      printOne(context, options, adopted);
    });

  project
    .command('list')
    .description('all projects')
    .option('--json', 'print a JSON array')
    .action(async (options: OutputOptions) => {
      await withStore(context, async (deps) => {
        await printList(context, options, {
          async pageOf(request) {
            const found = await pageOfProjects(deps, deps.operator, EVERY_PROJECT, request);
            const items = found.items.map(async (one) => await projectFields(deps, one));
            return { ...found, items: await Promise.all(items) };
          },
          empty: 'There are no projects yet.',
        });
      });
    });

  /** A command that finds one project, does something to it, and prints it. */
  function onProject(
    name: string,
    description: string,
    change: (deps: OperatorDeps, found: Project, options: SettingsOptions) => Promise<Project>,
  ): Command {
    return project
      .command(name)
      .description(description)
      .argument('<path>', 'of the project, such as tanuki/awesome_project')
      .option('--json', 'print one JSON object')
      .action(async (path: string, options: SettingsOptions) => {
        const result = await withStore(context, async (deps) => {
          const found = await findProjectByPath(deps, path);
          return await projectFields(deps, await change(deps, found, options));
        });
        printOne(context, options, result);
      });
  }

  onProject('show', 'one project', async (_deps, found) => await Promise.resolve(found));
  const set = onProject('set', 'change settings', async (deps, found, options) => {
    if (options.visibility === undefined && options.defaultBranch === undefined) {
      set.error('error: give --visibility or --default-branch');
    }
    return await changeSettings(deps, found, options);
  })
    .option('--visibility <level>', 'private, internal or public', visibility)
    .option('--default-branch <name>', DEFAULT_BRANCH_HELP);
  onProject(
    'archive',
    'make read-only: nobody pushes, deploy tokens still pull',
    async (deps, found) => await setArchived(deps, deps.operator, found, 'archived'),
  );
  onProject(
    'unarchive',
    'make writable again',
    async (deps, found) => await setArchived(deps, deps.operator, found, 'active'),
  );

  addImageCommands(project, context);

  project
    .command('remove')
    .description('remove with all its deploy tokens; the path stays reserved for its images')
    .argument('<path>', 'of the project, such as tanuki/awesome_project')
    .action(async (path: string) => {
      await withStore(context, async (deps) => {
        await removeProject(deps, deps.operator, await findProjectByPath(deps, path));
      });
      context.writeOut(
        `${path} is removed and its deploy tokens are revoked. Its path stays reserved: delete its images ` +
          `from the registry, then run: pullgate project free ${path}\n`,
      );
    });

  project
    .command('free')
    .description('let the path of a removed project be used again')
    .argument('<path>', 'of the project, such as tanuki/awesome_project')
    .action(async (path: string) => {
      await withStore(context, async (deps) => {
        await freePath(deps, deps.operator, path);
      });
      context.writeOut(`${path} can be used again.\n`);
    });
}

async function changeSettings(
  deps: OperatorDeps,
  project: Project,
  { visibility: level, defaultBranch }: Settings,
): Promise<Project> {
  if (defaultBranch !== undefined) {
    await setDefaultBranch(deps, deps.operator, project, defaultBranch);
  }
  return level === undefined ? project : await setVisibility(deps, deps.operator, project, level);
}

async function projectFields(
  { repositories }: { readonly repositories: Repositories },
  { id, path, visibility: level, archivedAt, createdAt }: Project,
): Promise<Fields> {
  const { defaultBranch } = await repositories.describe(id);
  return {
    id,
    path,
    visibility: level,
    default_branch: defaultBranch,
    archived: archivedAt !== null,
    created_at: createdAt.toISOString(),
  };
}
