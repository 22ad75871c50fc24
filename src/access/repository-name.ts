/**
 * Repository names of the registry, and the project that a name belongs to.
 *
 * Grammar: distribution, reference/reference.go and spec/auth/scope.md; lower case only.
 */

import { liesAtOrBelow, pathsAbove } from './tree.js';

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
 * The image prefixes that `name` lies in: itself and everything above it. A project that has one of
 * them owns the name, and since no prefix lies under another at most one does. Comparing whole
 * components keeps `acme/shop-evil` out of `acme/shop`.
 */
export function prefixesOf(name: string): string[] {
  return isRepositoryName(name) ? [...pathsAbove(name), name] : [];
}

/** Whether one of `prefixesOf(name)` is this one. */
export function liesIn(name: string, prefix: string): boolean {
  return liesAtOrBelow(name, prefix) && isRepositoryName(name);
}
