/** Of one `IN (…)`, and of the powers of two that it is filled up to: few statements to prepare. */
export const AT_ONCE = 64;
export const IN_FLIGHT = 2;

/** To the next power of two, by the last key once more. */
export function fillUp(keys: readonly string[]): readonly string[] {
  const last = keys.at(-1);
  if (last === undefined) {
    return keys;
  }
  const size = 2 ** Math.ceil(Math.log2(keys.length));
  return [...keys, ...Array.from({ length: size - keys.length }, () => last)];
}
