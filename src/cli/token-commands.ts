import type { Command } from 'commander';
import {
  isAccessTokenActive,
  type AccessToken,
  type AccessTokenScope,
} from '../access/access-token.js';
import {
  deployTokenStatus,
  INSTANCE,
  type DeployToken,
  type DeployTokenScope,
  type DeployTokenUse,
} from '../access/deploy-token.js';
import { formatExpiry } from '../access/expiry.js';
import type { Secret } from '../credentials.js';
import {
  createAccessToken,
  pageOfAccessTokens,
  revokeAccessToken,
} from '../services/access-tokens.js';
import {
  createDeployToken,
  findDeployToken,
  ownerPathsOf,
  pageOfDeployTokens,
  revokeDeployToken,
} from '../services/deploy-tokens.js';
import { lastUsesOf } from '../services/deploy-token-uses.js';
import { findPlaceByPath } from '../services/namespaces.js';
import { findUser } from '../services/users.js';
import {
  accessTokenScopes,
  deployTokenScopes,
  expiryDate,
  integerId,
  pathList,
} from './arguments.js';
import { withStore, type CliContext } from './context.js';
import { printList, printOne, type Fields, type OutputOptions } from './output.js';

interface CreateOptions<Scope> extends OutputOptions {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt?: Date;
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

  deployToken
    .command('create')
    .description('make one; its secret is printed once and cannot be read again')
    .argument('[path]', 'of a project, or of a namespace with all that lies in it')
    .option('--instance', 'instead of a path: of the instance, with every project')
    .option('--only <paths>', 'narrow it to these projects and repositories', pathList)
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--scopes <scopes>', 'read_registry, read_repository', deployTokenScopes)
    .option('--expires-at <date>', 'YYYY-MM-DD: refused from 00:00 UTC of that date', expiryDate)
    .option('--username <name>', 'default: deploy-token-<id>')
    .option('--json', 'print one JSON object')
    .action(
      async (
        path: string | undefined,
        options: CreateOptions<DeployTokenScope> & OwnerOptions,
        command: Command,
      ) => {
        if ((path === undefined) === (options.instance === undefined)) {
          command.error('error: give either a path or --instance');
        }
        const { token, secret } = await withStore(context, async (deps) => {
          const owner = path === undefined ? INSTANCE : await findPlaceByPath(deps, path);
          return await createDeployToken(deps, deps.operator, owner, {
            name: options.name,
            scopes: options.scopes,
            expiresAt: options.expiresAt ?? null,
            username: options.username ?? null,
            only: options.only ?? null,
          });
        });
        printOne(context, options, newTokenFields(token, secret));
      },
    );

  deployToken
    .command('list')
    .description('of a project or a namespace; without a path all there are')
    .argument('[path]')
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

export function addAccessTokenCommands(program: Command, context: CliContext): void {
  const accessToken = program
    .command('access-token')
    .description("a user's own credential for the registry and git");

  accessToken
    .command('create')
    .description('make one; its secret is printed once and cannot be read again')
    .argument('<user>')
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption(
      '--scopes <scopes>',
      'such as api or read_registry,write_registry',
      accessTokenScopes,
    )
    .option('--expires-at <date>', 'YYYY-MM-DD: refused from 00:00 UTC of that date', expiryDate)
    .option('--json', 'print one JSON object')
    .action(async (username: string, options: CreateOptions<AccessTokenScope>) => {
      const { token, secret } = await withStore(context, async (deps) => {
        const user = await findUser(deps, deps.operator, username);
        return await createAccessToken(deps, deps.operator, user, {
          name: options.name,
          scopes: options.scopes,
          expiresAt: options.expiresAt ?? null,
        });
      });
      const { id, name, scopes, expiresAt } = token;
      printOne(context, options, {
        id,
        name,
        token: secret.reveal(),
        scopes,
        expires_at: dateOrNull(expiresAt),
      });
    });

  accessToken
    .command('list')
    .description('all of a user, newest first')
    .argument('<user>')
    .option('--json', 'print a JSON array')
    .action(async (username: string, options: OutputOptions) => {
      const now = context.now();
      await withStore(context, async (deps) => {
        const { id: userId } = await findUser(deps, deps.operator, username);
        const filter = { userId, state: null };
        await printList(context, options, {
          async pageOf(request) {
            const found = await pageOfAccessTokens(deps, deps.operator, filter, request);
            const items = found.items.map((token) => accessTokenFields(token, now));
            return { ...found, items };
          },
          empty: `${username} has no personal access tokens.`,
        });
      });
    });

  accessToken
    .command('revoke')
    .description('refuse it from the next request on')
    .argument('<user>')
    .argument('<id>', 'its number', integerId)
    .action(async (username: string, id: number) => {
      await withStore(context, async (deps) => {
        const user = await findUser(deps, deps.operator, username);
        await revokeAccessToken(deps, deps.operator, user, id);
      });
      context.writeOut(`Personal access token ${id} of ${username} is revoked.\n`);
    });
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

function accessTokenFields(token: AccessToken, now: Date): Fields {
  return {
    id: token.id,
    name: token.name,
    scopes: token.scopes,
    created_at: token.createdAt.toISOString(),
    expires_at: dateOrNull(token.expiresAt),
    revoked_at: token.revokedAt?.toISOString() ?? null,
    active: isAccessTokenActive(token, now),
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

function dateOrNull(expiresAt: Date | null): string | null {
  return expiresAt && formatExpiry(expiresAt);
}
