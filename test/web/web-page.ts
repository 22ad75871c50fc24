import { parseAddress, type Address } from '../../src/web/addresses.js';
import { codesIn, tableRows, type Row } from '../support/markdown.js';

/** Each page, and whether docs/web.md lists its address; a page without an entry does not compile. */
const PAGES: Readonly<Record<Address['page'], 'listed' | 'not an address to know'>> = {
  home: 'listed',
  'sign-in': 'listed',
  'sign-out': 'not an address to know',
  'new-project': 'listed',
  'new-namespace': 'listed',
  users: 'listed',
  invitations: 'listed',
  registry: 'listed',
  'registry-import': 'listed',
  'audit-all': 'listed',
  'audit-all-csv': 'listed',
  'all-deploy-tokens': 'listed',
  'all-deploy-tokens-csv': 'listed',
  'new-instance-token': 'listed',
  'instance-token': 'not an address to know',
  'revoke-instance-token': 'not an address to know',
  profile: 'listed',
  setup: 'not an address to know',
  invitation: 'not an address to know',
  place: 'listed',
  repository: 'listed',
  'new-deploy-token': 'listed',
  'deploy-token': 'not an address to know',
  members: 'listed',
  general: 'listed',
  audit: 'listed',
  'audit-csv': 'listed',
  denied: 'listed',
  explain: 'listed',
  'all-denied': 'listed',
  revoke: 'not an address to know',
};

export const VISITORS = [
  'anonymous',
  'outsider',
  'guest',
  'developer',
  'maintainer',
  'administrator',
] as const;
export type Visitor = (typeof VISITORS)[number];

/** By those who get the page, of a private project where it is one's. */
const WHO_WORDS: Readonly<Record<string, string>> = {
  'anonymous outsider guest developer maintainer administrator': 'everybody',
  'outsider guest developer maintainer administrator': 'signed in',
  'guest developer maintainer administrator': 'who may see it',
  'maintainer administrator': 'maintainers, administrators',
  administrator: 'administrators',
};

/** Who of all visitors gets the page at this address of this project. */
export type Look = (path: string) => Promise<readonly Visitor[]>;

/** Where the table of addresses in docs/web.md differs from what the pages are. */
export async function webPageDifferences(
  page: string,
  project: string,
  look: Look,
): Promise<string[]> {
  const rows = tableRows(page, 'address');
  const told = rows.map((row) => pageOf(row, project));
  const wrong: string[] = [];
  for (const row of rows) {
    const right = WHO_WORDS[(await look(pathOf(row, project))).join(' ')];
    if (row['who'] !== right) {
      wrong.push(`${row['address']}: it is for ${right}`);
    }
  }
  return [
    ...wrong,
    ...rows.flatMap((row) =>
      pageOf(row, project) === undefined ? [`${row['address']}: no such page`] : [],
    ),
    ...Object.entries(PAGES).flatMap(([name, place]) => {
      const wanted = place === 'listed' ? 1 : 0;
      return told.filter((other) => other === name).length === wanted
        ? []
        : [`${name}: told ${wanted} times`];
    }),
  ];
}

function pathOf({ address = '' }: Row, project: string): string {
  const [code = ''] = codesIn(address);
  return code.replace('<path>', project);
}

function pageOf(row: Row, project: string): Address['page'] | undefined {
  return parseAddress(pathOf(row, project))?.page;
}
