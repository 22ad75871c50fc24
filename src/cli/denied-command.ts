import type { Command } from 'commander';
import { reasonInWords } from '../access/denial.js';
import type { Place } from '../access/namespace.js';
import type { Page, PageRequest } from '../access/page.js';
import { allDenials, denialsOfPlace, type SeenDenial } from '../services/denials.js';
import { findPlaceByPath } from '../services/namespaces.js';
import { withStore, type CliContext, type OperatorDeps } from './context.js';
import { printList, type Fields, type OutputOptions } from './output.js';

export function addDeniedCommand(program: Command, context: CliContext): void {
  program
    .command('denied')
    .description('what was refused lately, to whom and why; the latest first')
    .argument('[path]', 'of a project, or of a namespace for its deploy tokens; all without one')
    .option('--json', 'print a JSON array')
    .action(async (path: string | undefined, options: OutputOptions) => {
      await withStore(context, async (deps) => {
        const place = path === undefined ? null : await findPlaceByPath(deps, path);
        await printList(context, options, {
          async pageOf(request) {
            const page = await denialsIn(deps, place, request);
            return { ...page, items: page.items.map((denial) => fieldsOf(denial, options)) };
          },
          empty: 'Nothing was refused lately.',
        });
      });
    });
}

async function denialsIn(
  deps: OperatorDeps,
  place: Place | null,
  request: PageRequest,
): Promise<Page<SeenDenial>> {
  return place === null
    ? await allDenials(deps, deps.operator, '', request)
    : await denialsOfPlace(deps, deps.operator, place, request);
}

function fieldsOf(denial: SeenDenial, { json }: OutputOptions): Fields {
  const { reason, deployToken, user, grantedElsewhereAt } = denial;
  return {
    last_at: denial.lastAt.toISOString(),
    count: denial.count,
    who: deployToken?.username ?? user?.username ?? null,
    door: denial.door,
    repository: denial.repository,
    actions: denial.actions,
    reason: json === true ? reason : reasonInWords(reason),
    address: denial.address,
    user_agent: denial.userAgent,
    ...(json === true && {
      first_at: denial.firstAt.toISOString(),
      granted_elsewhere_at: grantedElsewhereAt?.toISOString() ?? null,
    }),
  };
}
