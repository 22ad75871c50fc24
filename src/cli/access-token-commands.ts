import type { Command } from 'commander';
import {
  isAccessTokenActive,
  type AccessToken,
  type AccessTokenScope,
} from '../access/access-token.js';
import {
  createAccessToken,
  pageOfAccessTokens,
  revokeAccessToken,
} from '../services/access-tokens.js';
import { findUser } from '../services/users.js';
import { accessTokenScopes, integerId } from './arguments.js';
import { withStore, type CliContext } from './context.js';
import { printList, printOne, type Fields, type OutputOptions } from './output.js';
import { expiryOptions, expiryOf, type ExpiryOptions } from './expiry-options.js';
import { dateOrNull, loginLines, sayShownOnce } from './new-secret.js';

interface CreateOptions extends OutputOptions, ExpiryOptions {
  readonly name: string;
  readonly scopes: readonly AccessTokenScope[];
}

export function addAccessTokenCommands(program: Command, context: CliContext): void {
  const accessToken = program
    .command('access-token')
    .description("a user's own credential for the registry and git");

  expiryOptions(accessToken.command('create'))
    .description('make one; its secret is printed once and cannot be read again')
    .argument('<user>', 'username')
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption(
      '--scopes <scopes>',
      'such as api or read_registry,write_registry',
      accessTokenScopes,
    )
    .option('--json', 'print one JSON object')
    .action(async (username: string, options: CreateOptions) => {
      const { token, secret, login } = await withStore(context, async (deps, config) => {
        const user = await findUser(deps, deps.operator, username);
        const created = await createAccessToken(deps, deps.operator, user, {
          name: options.name,
          scopes: options.scopes,
          expiresAt: expiryOf(options, context.now()),
        });
        const reach = { username: user.username, scopes: options.scopes, project: 'PROJECT' };
        return { ...created, login: loginLines(config, reach) };
      });
      const { id, name, scopes, expiresAt } = token;
      printOne(context, options, {
        id,
        name,
        token: secret.reveal(),
        scopes,
        expires_at: dateOrNull(expiresAt),
      });
      sayShownOnce(context, options, 'token', login);
    });

  accessToken
    .command('list')
    .description('all of a user, newest first')
    .argument('<user>', 'username')
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
    .argument('<user>', 'username')
    .argument('<id>', 'its number', integerId)
    .action(async (username: string, id: number) => {
      await withStore(context, async (deps) => {
        const user = await findUser(deps, deps.operator, username);
        await revokeAccessToken(deps, deps.operator, user, id);
      });
      context.writeOut(`Personal access token ${id} of ${username} is revoked.\n`);
    });
}

function accessTokenFields(token: AccessToken, now: Date): Fields {
  return {
    id: token.id,
    name: token.name,
    scopes: token.scopes,
    created_at: token.createdAt.toISOString(),
    expires_at: dateOrNull(token.expiresAt),
    revoked_at: token.revokedAt?.toISOString() ?? null,
    last_used_at: token.lastUsedAt?.toISOString() ?? null,
    active: isAccessTokenActive(token, now),
  };
}
