import { ENDPOINTS } from '../../src/api/endpoints.js';
import type { Endpoint } from '../../src/api/endpoint.js';
import { pageParameters } from '../../src/api/pagination.js';
import { nameInTable, rows as rolesTable, WHO } from '../api/roles-table.js';
import { codesIn, tableRows, type Row } from '../support/markdown.js';

/** It describes the others, and so is not one of them. */
const OPENAPI = 'GET /openapi.json';

/** By those who succeed, of nobody, stranger, guest, developer, maintainer and admin. */
const WHO_WORDS: Readonly<Record<string, string>> = {
  'nobody stranger guest developer maintainer admin': 'everybody',
  'stranger guest developer maintainer admin': 'everybody with a token',
  'guest developer maintainer admin': 'who may see it',
  'maintainer admin': 'maintainers',
  admin: 'administrators',
};

/** Where the list of endpoints in docs/api.md differs from the code and from the test of roles. */
export function apiPageDifferences(page: string): string[] {
  const rows = tableRows(page, 'endpoint');
  const told = rows.flatMap(({ endpoint = '' }) => endpointsIn(endpoint));
  const known = [...ENDPOINTS.map(nameOf), OPENAPI];
  return [
    ...known.filter((name) => !told.includes(name)).map((name) => `${name} is not told`),
    ...told.filter((name) => !known.includes(name)).map((name) => `there is no ${name}`),
    ...told
      .filter((name, index) => told.indexOf(name) !== index)
      .map((name) => `${name} is told twice`),
    ...rows.flatMap(rowDifferences),
  ];
}

function nameOf({ method, path }: Endpoint): string {
  return `${method.toUpperCase()} ${path}`;
}

/** GET, DELETE /projects/:id, each in backquotes: two endpoints, of one address. */
function endpointsIn(cell: string): string[] {
  const found: string[] = [];
  let methods: string[] = [];
  for (const code of codesIn(cell)) {
    const [method = '', path] = code.split(' ');
    methods.push(method);
    if (path !== undefined) {
      found.push(...methods.map((each) => `${each} ${path}`));
      methods = [];
    }
  }
  return [...found, ...methods];
}

function rowDifferences({ endpoint: cell = '', filters = '', who = '' }: Row): string[] {
  return endpointsIn(cell).flatMap((name) => {
    const endpoint = ENDPOINTS.find((candidate) => nameOf(candidate) === name);
    if (endpoint === undefined) {
      return name === OPENAPI && who !== 'everybody' ? [`${name}: it is for everybody`] : [];
    }
    const right = whoMay(endpoint);
    const isRight = who === right || who.startsWith(`${right}:`) || who.startsWith(`${right};`);
    return [...filterDifferences(endpoint, filters), ...(isRight ? [] : [`${name}: ${right}`])];
  });
}

/** The parameters of a list, but for its pages and what stands in the path. */
function filterDifferences(endpoint: Endpoint, cell: string): string[] {
  if (endpoint.method !== 'get') {
    return [];
  }
  const names = Object.keys(endpoint.parameters).filter(
    (name) => !(name in pageParameters) && !endpoint.path.includes(`:${name}`),
  );
  const right = names.map((name) => `\`${name}\``).join(', ') || '–';
  return cell === right ? [] : [`${nameOf(endpoint)} takes ${right}`];
}

function whoMay(endpoint: Endpoint): string {
  const [, , ...statuses] =
    rolesTable.find(([method, path]) => `${method} ${path}` === nameInTable(endpoint)) ?? [];
  const people = WHO.filter(
    (who, index) => Number(statuses[index]) < 300 && !['reader', 'overseer'].includes(who),
  );
  return WHO_WORDS[people.join(' ')] ?? `for ${people.join(', ')}, which has no word`;
}
