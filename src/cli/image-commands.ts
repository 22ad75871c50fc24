import type { Command } from 'commander';
import { addImagePrefix, imagePrefixesOf, removeImagePrefix } from '../services/image-prefixes.js';
import { findProjectByPath } from '../services/projects.js';
import { withStore, type CliContext } from './context.js';
import { printList, type OutputOptions } from './output.js';

export function addImageCommands(project: Command, context: CliContext): void {
  const images = project
    .command('images')
    .description('repositories that a project owns beyond its path, such as postgres');

  images
    .command('list')
    .description('the repository names that it owns beyond its path')
    .argument('<project>', 'its path')
    .option('--json', 'print a JSON array')
    .action(async (path: string, options: OutputOptions) => {
      await withStore(context, async (deps) => {
        const found = await findProjectByPath(deps, path);
        await printList(context, options, {
          async pageOf() {
            const prefixes = await imagePrefixesOf(deps, deps.operator, found);
            return { items: prefixes.map((prefix) => ({ prefix })), next: null, total: null };
          },
          empty: `${found.path} owns the images below its path, and no others.`,
        });
      });
    });

  images
    .command('add')
    .description('give it a repository name with all below it, which nobody owns yet')
    .argument('<project>', 'its path')
    .argument('<prefix>', 'such as postgres or legacy/api')
    .action(async (path: string, name: string) => {
      const prefix = await withStore(
        context,
        async (deps) =>
          await addImagePrefix(deps, deps.operator, await findProjectByPath(deps, path), name),
      );
      context.writeOut(`${path} owns the images at and below ${prefix}.\n`);
    });

  images
    .command('remove')
    .description('take one away; only administrators pull these images from then on')
    .argument('<project>', 'its path')
    .argument('<prefix>', 'a repository name, such as postgres')
    .action(async (path: string, prefix: string) => {
      await withStore(context, async (deps) => {
        await removeImagePrefix(deps, deps.operator, await findProjectByPath(deps, path), prefix);
      });
      context.writeOut(`${path} does not own the images at and below ${prefix} any more.\n`);
    });
}
