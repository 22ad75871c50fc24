/**
 * How often a sample of the one is greater than one of the other, from 0 to 1: one half where they cannot be
 * told apart, whatever they are measured in and however unevenly they are spread (Mann and Whitney's U).
 */
export function oddsOfGreater(these: readonly number[], those: readonly number[]): number {
  const sorted = [
    ...these.map((value) => ({ value, isThis: true })),
    ...those.map((value) => ({ value, isThis: false })),
  ].toSorted((a, b) => a.value - b.value);
  let smaller = 0;
  let pairs = 0;
  for (const { isThis } of sorted) {
    if (isThis) {
      pairs += smaller;
    } else {
      smaller += 1;
    }
  }
  return pairs / (these.length * those.length);
}
