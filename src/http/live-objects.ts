/** What is there at the moment. */
export interface LiveObjects<T> extends Iterable<T> {
  /** Returns what takes it out again; doing so twice does no harm. */
  readonly add: (object: T) => () => void;
}

/**
 * Like a Set, for what comes and goes thousands of times a second. A Set leaves its outgrown tables to
 * the garbage collector, and one of them that has grown old keeps alive, until the next full
 * collection, all that it ever held; here each place is emptied, and taken again.
 */
export function liveObjects<T>(): LiveObjects<T> {
  const places: (T | null)[] = [];
  const empty: number[] = [];
  return {
    add(object) {
      const place = empty.pop() ?? places.length;
      places[place] = object;
      return () => {
        if (places[place] === object) {
          places[place] = null;
          empty.push(place);
        }
      };
    },
    *[Symbol.iterator]() {
      for (const object of places) {
        if (object !== null) {
          yield object;
        }
      }
    },
  };
}
