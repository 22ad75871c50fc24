/** What clones of a new project check out. */
export const DEFAULT_BRANCH = 'main';

const MAX_LENGTH = 255;
// Of git-check-ref-format(1): control characters, and what stands for something else on a command line.
const REFUSED_CHARACTER = /[\p{Cc} ~^:?*[\\]/u;
const REFUSED_COMPONENT = /^$|^\.|\.lock$/;

/** Why git would not take this as the name of a branch; null when it would. */
export function branchNameProblem(name: string): string | null {
  const isRefused =
    name === '' ||
    name === '@' ||
    name === 'HEAD' ||
    name.startsWith('-') ||
    name.endsWith('.') ||
    name.includes('..') ||
    name.includes('@{') ||
    REFUSED_CHARACTER.test(name) ||
    name.split('/').some((component) => REFUSED_COMPONENT.test(component));
  if (isRefused) {
    return 'A branch cannot have this name.';
  }
  return name.length > MAX_LENGTH ? `The name has more than ${MAX_LENGTH} characters.` : null;
}
