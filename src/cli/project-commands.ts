import type { Command } from 'commander';
import { OPERATOR } from '../access/actor.js';
import type { Project, Visibility } from '../access/project.js';
import {
  adoptRepository,
  createProject,
  EVERY_PROJECT,
  findProjectByPath,
  freePath,
  pageOfProjects,
  removeProject,
  setArchived,
  setVisibility,
} from '../services/projects.js';
import { visibility } from './arguments.js';
import { addImageCommands } from './image-commands.js';
import { withStore, type CliContext } from './context.js';
import { printList, printOne, type Fields, type OutputOptions } from './output.js';

interface VisibilityOptions extends OutputOptions {
  readonly visibility: Visibility;
}

export function addProjectCommands(program: Command, context: CliContext): void {
  const project = program.command('project').description('what images and repositories belong to');

  project
    .command('create')
    .argument('<path>', 'such as tanuki/awesome_project')
    .option('--visibility <level>', 'private, internal or public', visibility, 'private' as const)
    .option('--json', 'print one JSON object')
    .action(async (path: string, options: VisibilityOptions) => {
      const created = await withStore(
        context,
        async (deps) =>
          await createProject(deps, OPERATOR, { path, visibility: options.visibility }),
      );
      printOne(context, options, projectFields(created));
    });

  project
    .command('adopt')
    .description('take over the history of a bare repository, into a new project or an empty one')
    .argument('<path>')
    .requiredOption(
      '--from <folder>',
      'the bare repository; it is copied, without hooks or settings',
    )
    .option('--json', 'print one JSON object')
    .action(async (path: string, options: OutputOptions & { readonly from: string }) => {
      const adopted = await withStore(
        context,
        async (deps) => await adoptRepository(deps, OPERATOR, { path, from: options.from }),
      );
      printOne(context, options, projectFields(adopted));
    });

  project
    .command('list')
    .option('--json', 'print a JSON array')
    .action(async (options: OutputOptions) => {
      await withStore(context, async (deps) => {
        await printList(context, options, {
          async pageOf(request) {
            const found = await pageOfProjects(deps, OPERATOR, EVERY_PROJECT, request);
            return { ...found, items: found.items.map(projectFields) };
          },
          empty: 'There are no projects yet.',
        });
      });
    });

  /** A command that finds one project, does something to it, and prints it. */
  function onProject(
    name: string,
    description: string,
    change: (
      deps: Parameters<typeof setArchived>[0],
      found: Project,
      options: VisibilityOptions,
    ) => Promise<Project>,
  ): Command {
    return project
      .command(name)
      .description(description)
      .argument('<path>')
      .option('--json', 'print one JSON object')
      .action(async (path: string, options: VisibilityOptions) => {
        const result = await withStore(context, async (deps) => {
          const found = await findProjectByPath(deps, path);
          return await change(deps, found, options);
        });
        printOne(context, options, projectFields(result));
      });
  }

  onProject('show', 'one project', async (_deps, found) => await Promise.resolve(found));
  onProject(
    'set',
    'change settings',
    async (deps, found, options) => await setVisibility(deps, OPERATOR, found, options.visibility),
  ).requiredOption('--visibility <level>', 'private, internal or public', visibility);
  onProject(
    'archive',
    'make read-only: nobody pushes, deploy tokens still pull',
    async (deps, found) => await setArchived(deps, OPERATOR, found, 'archived'),
  );
  onProject(
    'unarchive',
    'make writable again',
    async (deps, found) => await setArchived(deps, OPERATOR, found, 'active'),
  );

  addImageCommands(project, context);

  project
    .command('remove')
    .description('remove with all its deploy tokens; the path stays reserved for its images')
    .argument('<path>')
    .action(async (path: string) => {
      await withStore(context, async (deps) => {
        await removeProject(deps, OPERATOR, await findProjectByPath(deps, path));
      });
      context.writeOut(
        `${path} is removed and its deploy tokens are revoked. Its path stays reserved: delete its images ` +
          `from the registry, then run: pullgate project free ${path}\n`,
      );
    });

  project
    .command('free')
    .description('let the path of a removed project be used again')
    .argument('<path>')
    .action(async (path: string) => {
      await withStore(context, async (deps) => {
        await freePath(deps, OPERATOR, path);
      });
      context.writeOut(`${path} can be used again.\n`);
    });
}

function projectFields({ id, path, visibility: level, archivedAt, createdAt }: Project): Fields {
  return {
    id,
    path,
    visibility: level,
    archived: archivedAt !== null,
    created_at: createdAt.toISOString(),
  };
}
