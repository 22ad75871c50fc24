import type { Command } from 'commander';
import type { Member, Role } from '../access/role.js';
import { everyMember, pageOfAllMembers, removeMember, setMember } from '../services/members.js';
import { findPlaceByPath } from '../services/namespaces.js';
import { findUser } from '../services/users.js';
import { role } from './arguments.js';
import { withStore, type CliContext } from './context.js';
import { printList, printOne, type Fields, type OutputOptions } from './output.js';

export function addMemberCommands(program: Command, context: CliContext): void {
  const member = program
    .command('member')
    .description('who may do what in a project, or in all that lies in a namespace');

  member
    .command('add')
    .description('add a member, or change the role of one')
    .argument('<path>', 'of a project or a namespace')
    .argument('<user>', 'username')
    .requiredOption('--role <role>', 'guest, reporter, developer, maintainer or owner', role)
    .option('--json', 'print one JSON object')
    .action(
      async (path: string, username: string, options: OutputOptions & { readonly role: Role }) => {
        const added = await withStore(context, async (deps) => {
          const place = await findPlaceByPath(deps, path);
          const user = await findUser(deps, deps.operator, username);
          const set = { user, role: options.role };
          await setMember(deps, deps.operator, place, set);
          return set;
        });
        printOne(context, options, memberFields(added));
      },
    );

  member
    .command('list')
    .description('everybody with a role, also by a namespace above, and where it is from')
    .argument('<path>', 'of a project or a namespace')
    .option('--json', 'print a JSON array')
    .action(async (path: string, options: OutputOptions) => {
      await withStore(context, async (deps) => {
        const place = await findPlaceByPath(deps, path);
        await printList(context, options, {
          async pageOf(request) {
            const found = await pageOfAllMembers(deps, deps.operator, everyMember(place), request);
            const items = found.items.map((each) => ({
              ...memberFields(each),
              from: each.place.path,
            }));
            return { ...found, items };
          },
          empty: `${path} has no members yet.`,
        });
      });
    });

  member
    .command('remove')
    .description('take a role away from the next request on; one from above is removed there')
    .argument('<path>', 'of a project or a namespace')
    .argument('<user>', 'username')
    .action(async (path: string, username: string) => {
      await withStore(context, async (deps) => {
        const place = await findPlaceByPath(deps, path);
        await removeMember(
          deps,
          deps.operator,
          place,
          await findUser(deps, deps.operator, username),
        );
      });
      context.writeOut(`${username} is not a member of ${path} any more.\n`);
    });
}

function memberFields({ user, role: name }: Member): Fields {
  return { id: user.id, username: user.username, role: name };
}
