import type { RegistryAddress } from './answers.js';
import { readCatalogue } from './catalogue.js';
import { readTags } from './images.js';

/**
 * Whether there is a repository of this name, with or without tags, or below it. The registry tells the
 * first one behind a name, and none stands between `a/b/` and what lies below `a/b`, in whichever of the
 * two orders registries have.
 */
export async function holdsAny(
  registry: RegistryAddress,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  if ((await readTags(registry, name, signal)) !== null) {
    return true;
  }
  const below = `${name}/`;
  const query = new URLSearchParams({ n: '1', last: below }).toString();
  const { names } = await readCatalogue(registry, query, signal);
  return names.some((each) => each.startsWith(below));
}
