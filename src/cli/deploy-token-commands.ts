import type { Command } from 'commander';
import {
  deployTokenStatus,
  INSTANCE,
  type DeployToken,
  type DeployTokenScope,
  type DeployTokenUse,
  type Owner,
} from '../access/deploy-token.js';
import type { Secret } from '../credentials.js';
import {
  createDeployToken,
  findDeployToken,
  ownerPathsOf,
  pageOfDeployTokens,
  revokeDeployToken,
} from '../services/deploy-tokens.js';
import { lastUsesOf } from '../services/deploy-token-uses.js';
import { findPlaceByPath } from '../services/namespaces.js';
import { deployTokenScopes, integerId, pathList } from './arguments.js';
import { withStore, type CliContext } from './context.js';
import { expiryOptions, expiryOf, type ExpiryOptions } from './expiry-options.js';
import { dateOrNull, loginLines, sayShownOnce } from './new-secret.js';
import { printList, printOne, type Fields, type OutputOptions } from './output.js';

interface CreateOptions extends OutputOptions, ExpiryOptions {
  readonly name: string;
  readonly scopes: readonly DeployTokenScope[];
  readonly username?: string;
}

interface OwnerOptions {
  readonly instance?: true;
  readonly only?: readonly string[];
}

export function addDeployTokenCommands(program: Command, context: CliContext): void {
  const deployToken = program
    .command('deploy-token')
    .description('read-only credentials for machines: of a project, a namespace or the instance');

  expiryOptions(deployToken.command('create'))
    .description('make one; its secret is printed once and cannot be read again')
    .argument('[path]', 'of a project, or of a namespace with all that lies in it')
    .option('--instance', 'instead of a path: of the instance, with every project')
    .option('--only <paths>', 'narrow it to these projects and repositories', pathList)
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--scopes <scopes>', 'read_registry, read_repository', deployTokenScopes)
    .option('--username <name>', 'default: deploy-token-<id>')
    .option('--json', 'print one JSON object')
    .action(
      async (path: string | undefined, options: CreateOptions & OwnerOptions, command: Command) => {
        if ((path === undefined) === (options.instance === undefined)) {
          command.error('error: give either a path or --instance');
        }
        const { token, secret, login } = await withStore(context, async (deps, config) => {
          const owner = path === undefined ? INSTANCE : await findPlaceByPath(deps, path);
          const created = await createDeployToken(deps, deps.operator, owner, {
            name: options.name,
            scopes: options.scopes,
            expiresAt: expiryOf(options, context.now()),
            username: options.username ?? null,
            only: options.only ?? null,
          });
          const project = exampleOf(owner);
          return { ...created, login: loginLines(config, { ...created.token, project }) };
        });
        printOne(context, options, newTokenFields(token, secret));
        sayShownOnce(context, options, 'token', login);
      },
    );

  deployToken
    .command('list')
    .description('of a project or a namespace; without a path all there are')
    .argument('[path]', 'of a project or a namespace')
    .option('--all', 'expired and revoked ones too')
    .option('--json', 'print a JSON array')
    .action(
      async (path: string | undefined, options: OutputOptions & { readonly all?: boolean }) => {
        const now = context.now();
        const state = options.all === true ? null : 'active';
        await withStore(context, async (deps) => {
          const owner = path === undefined ? null : await findPlaceByPath(deps, path);
          const filter = { owner, state, direction: 'ASC' } as const;
          await printList(context, options, {
            async pageOf(request) {
              const found = await pageOfDeployTokens(deps, deps.operator, filter, request);
              const uses = await lastUsesOf(deps, found.items);
              const paths = await ownerPathsOf(deps, found.items);
              const items = found.items.map((token) => ({
                ...tokenFields(token, now),
                ...ownerFields(token, paths.get(token.id)),
                last_used_at: uses.get(token.id)?.usedAt.toISOString() ?? null,
              }));
              return { ...found, items };
            },
            empty: `${path ?? 'Pullgate'} has no ${state === null ? '' : 'active '}deploy tokens.`,
          });
        });
      },
    );

  deployToken
    .command('show')
    .description('one, with its last use')
    .argument('<id>', 'its number', integerId)
    .option('--json', 'print one JSON object')
    .action(async (id: number, options: OutputOptions) => {
      const { token, owner, uses } = await withStore(context, async (deps) => {
        const found = await findDeployToken(deps, deps.operator, id);
        return { ...found, uses: await lastUsesOf(deps, [found.token]) };
      });
      printOne(context, options, {
        ...tokenFields(token, context.now()),
        project: owner?.kind === 'project' ? owner.path : null,
        ...ownerFields(token, owner !== null && owner.kind !== 'instance' ? owner.path : undefined),
        ...useFields(uses.get(id)),
      });
    });

  deployToken
    .command('revoke')
    .description('refuse it from the next request on')
    .argument('<id>', 'its number', integerId)
    .option('--json', 'print one JSON object')
    .action(async (id: number, options: OutputOptions) => {
      const token = await withStore(
        context,
        async (deps) => await revokeDeployToken(deps, deps.operator, id),
      );
      printOne(context, options, tokenFields(token, context.now()));
    });
}

/** In capitals what the reader has to put in. */
function exampleOf(owner: Owner): string {
  switch (owner.kind) {
    case 'project':
      return owner.path;
    case 'namespace':
      return `${owner.path}/PROJECT`;
    case 'instance':
      return 'NAMESPACE/PROJECT';
  }
}

function newTokenFields(token: DeployToken, secret: Secret): Fields {
  const { id, name, username, scopes, only, expiresAt } = token;
  return {
    id,
    name,
    username,
    token: secret.reveal(),
    scopes,
    only,
    expires_at: dateOrNull(expiresAt),
  };
}

/** No path for one of the instance, nor of a project that was removed. */
function ownerFields({ owner }: DeployToken, path: string | undefined): Fields {
  return { owner_kind: owner.kind, owner: path ?? null };
}

function tokenFields(token: DeployToken, now: Date): Fields {
  return {
    id: token.id,
    name: token.name,
    username: token.username,
    scopes: token.scopes,
    only: token.only,
    created_at: token.createdAt.toISOString(),
    expires_at: dateOrNull(token.expiresAt),
    revoked_at: token.revokedAt?.toISOString() ?? null,
    status: deployTokenStatus(token, now),
  };
}

function useFields(use: DeployTokenUse | undefined): Fields {
  return {
    last_used_at: use?.usedAt.toISOString() ?? null,
    last_used_door: use?.door ?? null,
    last_used_address: use?.address ?? null,
    last_used_user_agent: use?.userAgent ?? null,
    last_used_repository: use?.repository ?? null,
  };
}
