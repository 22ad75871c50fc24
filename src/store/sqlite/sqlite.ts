import type { DatabaseKind } from '../database.js';

const SCHEME = 'sqlite:';

export interface SqliteLocation {
  readonly type: 'sqlite';
  readonly file: string;
}

export const SQLITE: DatabaseKind<SqliteLocation> = {
  form: 'sqlite:FILE',
  parseUrl: (text) =>
    text.startsWith(SCHEME) && text.length > SCHEME.length
      ? { type: 'sqlite', file: text.slice(SCHEME.length) }
      : null,
  async open(location, request) {
    const { openSqlite } = await import('./open.js');
    return await openSqlite(location, request);
  },
};
