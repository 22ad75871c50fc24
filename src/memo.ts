import { LRUCache } from 'lru-cache';
import { ownText } from './own-text.js';

/** What is longer comes seldom, and would be the most to keep. */
const MAX_LENGTH = 512;

/**
 * The same function, which makes nothing anew of a text that it has met lately. For one that depends on
 * nothing but the text, and whose results nobody changes; where it throws, nothing is kept.
 */
export function memo<T extends object>(
  make: (text: string) => T,
  { atMost }: { readonly atMost: number },
): (text: string) => T {
  const kept = new LRUCache<string, T>({ max: atMost });
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) {
      return known;
    }
    if (text.length > MAX_LENGTH) {
      return make(text);
    }
    const own = ownText(text);
    const made = make(own);
    kept.set(own, made);
    return made;
  };
}
