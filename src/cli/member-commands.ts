import type { Command } from 'commander';
import { OPERATOR } from '../access/actor.js';
import type { Member, Role } from '../access/role.js';
import { everyMember, pageOfMembers, removeMember, setMember } from '../services/members.js';
import { findProjectByPath } from '../services/projects.js';
import { findUser } from '../services/users.js';
import { role } from './arguments.js';
import { withStore, type CliContext } from './context.js';
import { printList, printOne, type Fields, type OutputOptions } from './output.js';

export function addMemberCommands(program: Command, context: CliContext): void {
  const member = program.command('member').description('who may do what in a project');

  member
    .command('add')
    .description('add a member, or change the role of one')
    .argument('<project>')
    .argument('<user>')
    .requiredOption('--role <role>', 'guest, reporter, developer, maintainer or owner', role)
    .option('--json', 'print one JSON object')
    .action(
      async (path: string, username: string, options: OutputOptions & { readonly role: Role }) => {
        const added = await withStore(context, async (deps) => {
          const project = await findProjectByPath(deps, path);
          const user = await findUser(deps, OPERATOR, username);
          const set = { user, role: options.role };
          await setMember(deps, OPERATOR, project, set);
          return set;
        });
        printOne(context, options, memberFields(added));
      },
    );

  member
    .command('list')
    .argument('<project>')
    .option('--json', 'print a JSON array')
    .action(async (path: string, options: OutputOptions) => {
      await withStore(context, async (deps) => {
        const project = await findProjectByPath(deps, path);
        await printList(context, options, {
          async pageOf(request) {
            const found = await pageOfMembers(deps, OPERATOR, everyMember(project), request);
            return { ...found, items: found.items.map(memberFields) };
          },
          empty: `${path} has no members yet.`,
        });
      });
    });

  member
    .command('remove')
    .argument('<project>')
    .argument('<user>')
    .action(async (path: string, username: string) => {
      await withStore(context, async (deps) => {
        const project = await findProjectByPath(deps, path);
        await removeMember(deps, OPERATOR, project, await findUser(deps, OPERATOR, username));
      });
      context.writeOut(`${username} is not a member of ${path} any more.\n`);
    });
}

function memberFields({ user, role: name }: Member): Fields {
  return { id: user.id, username: user.username, role: name };
}
