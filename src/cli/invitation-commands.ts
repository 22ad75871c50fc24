import type { Command } from 'commander';
import { invitationStatus, type Invitation } from '../access/invitation.js';
import {
  invitedPlaces,
  inviteUsers,
  pageOfInvitations,
  revokeInvitation,
} from '../services/invitations.js';
import { findPlaceByPath } from '../services/namespaces.js';
import { usernamesOf } from '../services/users.js';
import { integerId, rolesAt, type RoleAt } from './arguments.js';
import { sayShownOnce } from './new-secret.js';
import { withStore, type CliContext, type OperatorDeps } from './context.js';
import { printList, printOne, type Fields, type OutputOptions } from './output.js';

interface InviteOptions extends OutputOptions {
  readonly role?: readonly RoleAt[];
}

export function addInvitationCommands(user: Command, context: CliContext): void {
  user
    .command('invite')
    .description('make a link with which somebody makes an account: once, within seven days')
    .argument('[name]', 'username; the invited choose one when it is left out')
    .option('--role <path=role>', 'of a namespace or project; repeat it, or use commas', rolesAt)
    .option('--json', 'print one JSON object')
    .action(async (name: string | undefined, options: InviteOptions) => {
      const fields = await withStore(context, async (deps, { http }) => {
        const roles = await placedRoles(deps, options.role ?? []);
        const usernames = [name ?? null];
        const [made] = await inviteUsers(deps, deps.operator, { usernames, roles });
        if (made === undefined) {
          throw new Error('no invitation was made');
        }
        const { id, username, expiresAt } = made.invitation;
        const link = `${http.publicUrl}/-/invitation/${made.secret.reveal()}`;
        return { id, username, link, expires_at: expiresAt.toISOString() };
      });
      printOne(context, options, fields);
      sayShownOnce(context, options, 'link');
    });

  user
    .command('invitations')
    .description('who was invited, by whom, and what became of it')
    .option('--json', 'print a JSON array')
    .action(async (options: OutputOptions) => {
      await withStore(context, async (deps) => {
        await printList(context, options, {
          async pageOf(request) {
            const found = await pageOfInvitations(deps, deps.operator, request);
            return { ...found, items: await fieldsOf(deps, found.items) };
          },
          empty: 'Nobody is invited.',
        });
      });
    });

  user
    .command('uninvite')
    .description('revoke an invitation that nobody has used')
    .argument('<id>', 'number of the invitation', integerId)
    .action(async (id: number) => {
      await withStore(context, async (deps) => await revokeInvitation(deps, deps.operator, id));
      context.writeOut(`The invitation ${id} is revoked.\n`);
    });
}

async function placedRoles(
  deps: OperatorDeps,
  roles: readonly RoleAt[],
): Promise<Parameters<typeof inviteUsers>[2]['roles']> {
  return await Promise.all(
    roles.map(async ({ path, role }) => ({ place: await findPlaceByPath(deps, path), role })),
  );
}

async function fieldsOf(deps: OperatorDeps, invitations: readonly Invitation[]): Promise<Fields[]> {
  const now = deps.now();
  const people = invitations.flatMap(({ createdBy, usedBy }) => [createdBy, usedBy]);
  const names = await usernamesOf(deps, people);
  const pathOf = await invitedPlaces(deps, invitations);
  return invitations.map((invitation) => ({
    id: invitation.id,
    username: invitation.username,
    state: invitationStatus(invitation, now),
    roles: invitation.roles.map(({ place, role }) => `${pathOf(place) ?? '-'}=${role}`),
    created_by: nameIn(names, invitation.createdBy),
    used_by: nameIn(names, invitation.usedBy),
    expires_at: invitation.expiresAt.toISOString(),
  }));
}

function nameIn(names: ReadonlyMap<number, string>, id: number | null): string | null {
  return id === null ? null : (names.get(id) ?? null);
}
