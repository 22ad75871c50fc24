/**
 * How many requests are begun in one turn of the event loop: Node takes one new connection in each, so that
 * long turns keep newcomers waiting, whose request may be the only one worth an answer.
 */
const BEGUN_IN_A_TURN = 16;

/**
 * Begins what it is given, at once or in one of the next turns. Those that wait are begun in turn by where
 * they come from, each of these first come, first served.
 */
export type Admission = (from: string, begin: () => void) => void;

export function createAdmission(atMost = BEGUN_IN_A_TURN): Admission {
  const waiting = new Map<string, (() => void)[]>();
  let begun = 0;
  let isTurnAwaited = false;

  function admit(begin: () => void): void {
    begun += 1;
    if (!isTurnAwaited) {
      isTurnAwaited = true;
      setImmediate(nextTurn);
    }
    begin();
  }
  function nextTurn(): void {
    isTurnAwaited = false;
    begun = 0;
    for (const [from, line] of waiting) {
      if (begun === atMost) {
        return;
      }
      // To the end of the lines, where this loop comes to it again.
      waiting.delete(from);
      const begin = line.shift();
      if (line.length > 0) {
        waiting.set(from, line);
      }
      if (begin !== undefined) {
        admit(begin);
      }
    }
  }

  return (from, begin) => {
    if (begun < atMost && waiting.size === 0) {
      admit(begin);
      return;
    }
    const line = waiting.get(from);
    if (line === undefined) {
      waiting.set(from, [begin]);
    } else {
      line.push(begin);
    }
  };
}
