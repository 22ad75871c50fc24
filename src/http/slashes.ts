const REPEATED = /\/{2,}/g;

/**
 * The target of a request with its repeated slashes as one: clients that put a path behind an address
 * which ends in a slash send two. A `%2F` stays what it is, and the query too.
 */
export function collapseSlashes(target: string): string {
  if (!target.startsWith('/') || !target.includes('//')) {
    return target;
  }
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  return path.replace(REPEATED, '/') + target.slice(path.length);
}
