import type { Command } from 'commander';
import type { User } from '../access/user.js';
import { Secret } from '../credentials.js';
import { removeUser } from '../services/account-end.js';
import { prepareSetup } from '../services/first-administrator.js';
import {
  createUser,
  EVERY_USER,
  findUser,
  pageOfUsers,
  setAdministrator,
  setBlocked,
  setPassword,
} from '../services/users.js';
import { addInvitationCommands } from './invitation-commands.js';
import { CommandError } from '../failure.js';
import { sayShownOnce } from './new-secret.js';
import { readSecret, withStore, type CliContext } from './context.js';
import { printList, printOne, type Fields, type OutputOptions } from './output.js';

interface CreateOptions extends OutputOptions {
  readonly admin?: boolean;
  readonly passwordStdin?: boolean;
  readonly displayName?: string;
}

export function addUserCommands(program: Command, context: CliContext): void {
  const user = program
    .command('user')
    .description('people who sign in, push and maintain projects');

  user
    .command('create')
    .description('make an account; a generated password is printed once')
    .argument('<name>', 'username')
    .option('--admin', 'make an administrator')
    .option('--display-name <text>', 'the name that people read (default: the username)')
    .option('--password-stdin', 'read the password from standard input instead of generating one')
    .option('--json', 'print one JSON object')
    .action(async (username: string, options: CreateOptions) => {
      const isGenerated = options.passwordStdin !== true;
      const password = isGenerated ? Secret.generate() : await readSecret(context);
      const created = await withStore(
        context,
        async (deps) =>
          await createUser(deps, deps.operator, {
            username,
            displayName: options.displayName ?? username,
            isAdmin: options.admin === true,
            password,
          }),
      );
      printOne(context, options, {
        ...userFields(created),
        ...(isGenerated ? { password: password.reveal() } : {}),
      });
      if (isGenerated) {
        sayShownOnce(context, options, 'password');
      }
    });

  user
    .command('setup-link')
    .description('print a new link that makes the first administrator: once, within a day')
    .option('--json', 'print one JSON object')
    .action(async (options: OutputOptions) => {
      const link = await withStore(context, async (deps, { http }) => {
        const secret = await prepareSetup(deps);
        if (secret === null) {
          throw new CommandError(
            'There is an administrator already. Make another: pullgate user create NAME --admin',
          );
        }
        return `${http.publicUrl}/-/setup/${secret.reveal()}`;
      });
      printOne(context, options, { link });
      sayShownOnce(context, options, 'link');
    });

  user
    .command('list')
    .description('all accounts')
    .option('--json', 'print a JSON array')
    .action(async (options: OutputOptions) => {
      await withStore(context, async (deps) => {
        await printList(context, options, {
          async pageOf(request) {
            const found = await pageOfUsers(deps, deps.operator, EVERY_USER, request);
            return { ...found, items: found.items.map(userFields) };
          },
          empty: 'There are no users yet.',
        });
      });
    });

  for (const [name, state, what] of [
    ['block', 'blocked', 'refuse all credentials of a user from now on'],
    ['unblock', 'unblocked', 'accept them again'],
  ] as const) {
    user
      .command(name)
      .description(what)
      .argument('<name>', 'username')
      .option('--json', 'print one JSON object')
      .action(async (username: string, options: OutputOptions) => {
        const changed = await withStore(context, async (deps) => {
          const found = await findUser(deps, deps.operator, username);
          return await setBlocked(deps, deps.operator, found, state);
        });
        printOne(context, options, userFields(changed));
      });
  }

  user
    .command('remove')
    .description('end an account: its sessions, personal access tokens and roles')
    .argument('<name>', 'username')
    .option('--json', 'print one JSON object')
    .action(async (username: string, options: OutputOptions) => {
      const end = await withStore(
        context,
        async (deps) =>
          await removeUser(deps, deps.operator, await findUser(deps, deps.operator, username)),
      );
      printOne(context, options, {
        username,
        access_tokens_ended: end.accessTokens,
        roles_ended: end.memberships,
        projects_passed_to_administrators: end.projects,
        deploy_tokens_that_stay: end.deployTokens,
        without_a_maintainer: end.unmanaged,
        username_stays_taken: end.keepsName,
      });
    });

  user
    .command('set')
    .description('make somebody an administrator, or one no more')
    .argument('<name>', 'username')
    .requiredOption('--admin', 'an administrator')
    .option('--no-admin', 'no administrator; the last one stays one')
    .option('--json', 'print one JSON object')
    .action(async (username: string, options: OutputOptions & { readonly admin: boolean }) => {
      const changed = await withStore(context, async (deps) => {
        const found = await findUser(deps, deps.operator, username);
        return await setAdministrator(deps, deps.operator, found, options.admin);
      });
      printOne(context, options, userFields(changed));
    });

  user
    .command('password')
    .description('set a new password')
    .argument('<name>', 'username')
    .requiredOption('--password-stdin', 'read it from standard input')
    .action(async (username: string) => {
      const password = await readSecret(context);
      await withStore(context, async (deps) => {
        const found = await findUser(deps, deps.operator, username);
        await setPassword(deps, deps.operator, found, password);
      });
      context.writeOut(`The password of ${username} is changed.\n`);
    });

  addInvitationCommands(user, context);
}

function userFields({ id, username, displayName, isAdmin, blockedAt }: User): Fields {
  return {
    id,
    username,
    name: displayName,
    admin: isAdmin,
    state: blockedAt === null ? 'active' : 'blocked',
  };
}
