/** The servers that `npm run bench` has take turns. */

export const SIGN_EACH = { PULLGATE_REGISTRY_TOKEN_REUSE_SECONDS: '0' };
const RS256 = { PULLGATE_SIGNING_ALGORITHM: 'RS256' };
export const BEHIND_A_PROXY = { PULLGATE_HTTP_TRUSTED_PROXIES: '127.0.0.1/32' };
const TWO = { PULLGATE_HTTP_WORKERS: '2' };

/** The first of each number of processes is what the others are compared with. */
export const VARIANTS = [
  { name: 'bare node:http, hello', hello: 'node' },
  { name: 'Koa and router, hello', hello: 'koa' },
  { name: 'SQLite, each signed', database: 'sqlite', settings: SIGN_EACH },
  { name: 'SQLite, JWT reuse', database: 'sqlite', settings: {} },
  { name: 'SQLite, RS256, each signed', database: 'sqlite', settings: { ...SIGN_EACH, ...RS256 } },
  { name: 'SQLite, RS256, JWT reuse', database: 'sqlite', settings: RS256 },
  { name: 'MariaDB, each signed', database: 'mysql', settings: SIGN_EACH },
  { name: 'MariaDB, JWT reuse', database: 'mysql', settings: {} },
  {
    name: 'SQLite, wrong secrets',
    database: 'sqlite',
    settings: BEHIND_A_PROXY,
    withWrongSecrets: true,
  },
  {
    name: 'MariaDB, wrong secrets',
    database: 'mysql',
    settings: BEHIND_A_PROXY,
    withWrongSecrets: true,
  },
  { name: 'two workers: bare node:http, hello', hello: 'node', processes: 2 },
  {
    name: 'two workers: SQLite, each signed',
    database: 'sqlite',
    settings: { ...SIGN_EACH, ...TWO },
    processes: 2,
  },
  { name: 'two workers: SQLite, JWT reuse', database: 'sqlite', settings: TWO, processes: 2 },
  { name: 'two workers: MariaDB, JWT reuse', database: 'mysql', settings: TWO, processes: 2 },
];
