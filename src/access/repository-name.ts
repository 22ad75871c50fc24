/**
 * Repository names of the registry, and the project that a name belongs to.
 *
 * Grammar: distribution, reference/reference.go and spec/auth/scope.md; lower case only.
 */

export const MAX_NAME_LENGTH = 255;

const ONE = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const COMPONENT = new RegExp(`^${ONE}$`);
const NAME = new RegExp(`^${ONE}(?:/${ONE})*$`);

export function isRepositoryNameComponent(text: string): boolean {
  return COMPONENT.test(text);
}

/** True for a name that the registry routes: no `..`, `//`, upper case, `%2f`, NUL or host part. */
export function isRepositoryName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && NAME.test(text);
}

/**
 * The repository namespaces that `name` lies in: itself and every ancestor of two components or
 * more. A project path equal to one of them owns the name, and since no project lies under another
 * at most one does. Comparing whole components keeps `acme/shop-evil` out of `acme/shop`.
 */
export function namespacesOf(name: string): string[] {
  if (!isRepositoryName(name)) {
    return [];
  }
  const namespaces: string[] = [];
  const second = name.indexOf('/') + 1;
  for (let end = name.indexOf('/', second); end !== -1; end = name.indexOf('/', end + 1)) {
    namespaces.push(name.slice(0, end));
  }
  return second === 0 ? [] : [...namespaces, name];
}

/** Whether one of `namespacesOf(name)` is this one. */
export function liesIn(name: string, namespace: string): boolean {
  return (
    name.startsWith(namespace) &&
    (name.length === namespace.length || name[namespace.length] === '/') &&
    namespace.includes('/') &&
    isRepositoryName(name)
  );
}
