import type { Command } from 'commander';
import type { Namespace } from '../access/namespace.js';
import {
  createNamespace,
  EVERY_NAMESPACE,
  findNamespaceByPath,
  pageOfNamespaces,
  removeNamespace,
} from '../services/namespaces.js';
import { usernamesOf } from '../services/users.js';
import { withStore, type CliContext, type OperatorDeps } from './context.js';
import { printList, printOne, type Fields, type OutputOptions } from './output.js';

export function addNamespaceCommands(program: Command, context: CliContext): void {
  const namespace = program
    .command('namespace')
    .description('what projects lie in; roles and deploy tokens of one reach all below it');

  namespace
    .command('create')
    .description('make a namespace, and what is missing above it')
    .argument('<path>', 'such as tanuki or tanuki/backend; those above are made with it')
    .option('--json', 'print one JSON object')
    .action(async (path: string, options: OutputOptions) => {
      const fields = await withStore(
        context,
        async (deps) => await fieldsOf(deps, await createNamespace(deps, deps.operator, path)),
      );
      printOne(context, options, fields);
    });

  namespace
    .command('list')
    .description('all namespaces')
    .option('--json', 'print a JSON array')
    .action(async (options: OutputOptions) => {
      await withStore(context, async (deps) => {
        await printList(context, options, {
          async pageOf(request) {
            const found = await pageOfNamespaces(deps, deps.operator, EVERY_NAMESPACE, request);
            return { ...found, items: await allFieldsOf(deps, found.items) };
          },
          empty: 'There are no namespaces yet.',
        });
      });
    });

  namespace
    .command('show')
    .description('one namespace')
    .argument('<path>', 'of the namespace, such as tanuki/backend')
    .option('--json', 'print one JSON object')
    .action(async (path: string, options: OutputOptions) => {
      const fields = await withStore(
        context,
        async (deps) => await fieldsOf(deps, await findNamespaceByPath(deps, path)),
      );
      printOne(context, options, fields);
    });

  namespace
    .command('remove')
    .description('remove one that is empty, with its members; its deploy tokens are revoked')
    .argument('<path>', 'of the namespace, such as tanuki/backend')
    .action(async (path: string) => {
      await withStore(context, async (deps) => {
        await removeNamespace(deps, deps.operator, await findNamespaceByPath(deps, path));
      });
      context.writeOut(`${path} is removed and its deploy tokens are revoked.\n`);
    });
}

async function fieldsOf(deps: OperatorDeps, namespace: Namespace): Promise<Fields> {
  const [fields = {}] = await allFieldsOf(deps, [namespace]);
  return fields;
}

async function allFieldsOf(
  deps: OperatorDeps,
  namespaces: readonly Namespace[],
): Promise<Fields[]> {
  const usernames = await usernamesOf(
    deps,
    namespaces.map(({ userId }) => userId),
  );
  return namespaces.map(({ id, path, name, userId, createdAt }) => ({
    id,
    path,
    name,
    user: userId === null ? null : (usernames.get(userId) ?? null),
    created_at: createdAt.toISOString(),
  }));
}
