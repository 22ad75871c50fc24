/** The paths of namespaces and projects form a tree. They are compared in lower case, component by component. */

/** Whether `path` is `above` itself or lies below it: `a/b-evil` does not lie below `a/b`. */
export function liesAtOrBelow(path: string, above: string): boolean {
  return (
    path.startsWith(above) && (path.length === above.length || path.charAt(above.length) === '/')
  );
}

/** The paths that lie above this one, the top-level one first: `a` and `a/b` for `a/b/c`. */
export function pathsAbove(path: string): string[] {
  const above: string[] = [];
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
    above.push(path.slice(0, end));
  }
  return above;
}

/** The path right above this one; null for a top-level one. */
export function parentOf(path: string): string | null {
  const end = path.lastIndexOf('/');
  return end === -1 ? null : path.slice(0, end);
}
