/**
 * Repository names of the registry, and the project that a name belongs to.
 *
 * Grammar: distribution, reference/reference.go and spec/auth/scope.md; lower case only.
 */

export const MAX_NAME_LENGTH = 255;

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

export function isRepositoryNameComponent(text: string): boolean {
  return COMPONENT.test(text);
}

/** True for a name that the registry routes: no `..`, `//`, upper case, `%2f`, NUL or host part. */
export function isRepositoryName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && text.split('/').every(isRepositoryNameComponent);
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
  const components = name.split('/');
  return components.slice(1).map((_, index) => components.slice(0, index + 2).join('/'));
}
