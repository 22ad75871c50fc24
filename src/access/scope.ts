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
const RESOURCE_SCOPE =
  /^(?<type>[a-z0-9]+)(?:\([a-z0-9]+\))?:(?<name>[^\s]+):(?<actions>(?:[a-z]+|\*)(?:,(?:[a-z]+|\*))*)$/;

/**
 * Reads `scope` values, each of which may hold several scopes parted by spaces; entries for the same
 * resource are merged. A malformed scope asks for nothing and is left out rather than refused: the
 * registry then answers `insufficient_scope` for that resource alone, and the others still work.
 */
export function parseScopes(values: readonly string[]): AccessEntry[] {
  const byResource = new Map<string, { type: string; name: string; actions: Set<string> }>();

  for (const text of values.flatMap((value) => value.split(' '))) {
    const { type, name, actions } = RESOURCE_SCOPE.exec(text)?.groups ?? {};
    if (type === undefined || name === undefined || actions === undefined) {
      continue;
    }
    const key = `${type}:${name}`;
    const entry = byResource.get(key) ?? { type, name, actions: new Set<string>() };
    for (const action of actions.split(',')) {
      entry.actions.add(action);
    }
    byResource.set(key, entry);
  }

  return Array.from(byResource.values(), (entry) => ({ ...entry, actions: [...entry.actions] }));
}

export function formatScope(entry: AccessEntry): string {
  return `${entry.type}:${entry.name}:${entry.actions.join(',')}`;
}
