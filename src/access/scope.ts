/**
 * The `scope` parameter of a registry token request, and the access entries that it asks for.
 *
 * Grammar: distribution, spec/auth/scope.md.
 */

export interface AccessEntry {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

// Anchored, and greedy in the middle: a name may hold one ':' of its own (host:port/…), so that only
// the first and the last colon part the three. The class in `repository(plugin)` is deprecated; the
// registry does not match an entry that carries it, so it is read and dropped.
const RESOURCE_SCOPE = /^([a-z0-9]+)(?:\([a-z0-9]+\))?:([^\s]+):([^\s:]+)$/;

/**
 * Reads `scope` values, each of which may hold several scopes separated by spaces; entries for the same
 * resource are merged. A malformed scope asks for nothing and is left out rather than refused: the
 * registry then answers `insufficient_scope` for that resource alone, and the others still work. Actions
 * may be any words; those that nobody knows are not granted.
 */
export function parseScopes(values: readonly string[]): AccessEntry[] {
  const entries: { type: string; name: string; actions: string[] }[] = [];
  const byResource = new Map<string, string[]>();
  for (const value of values) {
    for (const text of value.split(' ')) {
      const [, type, name, list] = RESOURCE_SCOPE.exec(text) ?? [];
      if (type === undefined || name === undefined || list === undefined) {
        continue;
      }
      const actions = actionsIn(list);
      if (actions.length === 0) {
        continue;
      }
      const resource = `${type}:${name}`;
      const known = byResource.get(resource);
      if (known === undefined) {
        const entry = { type, name, actions };
        entries.push(entry);
        byResource.set(resource, entry.actions);
      } else {
        known.push(...actions);
      }
    }
  }
  for (const entry of entries) {
    entry.actions = withoutDuplicates(entry.actions);
  }
  return entries;
}

function actionsIn(list: string): string[] {
  const actions = list.split(',');
  return actions.includes('') ? actions.filter((action) => action !== '') : actions;
}

function withoutDuplicates(actions: string[]): string[] {
  return actions.length === 1 ? actions : [...new Set(actions)];
}

export function formatScope(entry: AccessEntry): string {
  return `${entry.type}:${entry.name}:${entry.actions.join(',')}`;
}
