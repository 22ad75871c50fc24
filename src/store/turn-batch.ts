export interface TurnBatchOptions<Q, A> {
  /** Answers in the order of the questions. One that throws fails its own question alone. */
  readonly load: (questions: readonly Q[]) => Loaded<A> | Promise<Loaded<A>>;
  readonly atMost: number;
  readonly inFlight: number;
}

type Loaded<A> = readonly (() => A)[];

interface Asked<Q, A> {
  readonly question: Q;
  readonly resolve: (answer: A) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the questions of one turn of the event loop and loads their answers together, as soon as there
 * are `atMost` of them.
 *
 * What is loaded was never read before it was asked for: a question joins no load that has started, so
 * that a deploy token revoked before a request came in is revoked for that request. When a load fails,
 * so do the questions that wait behind it: while the database is away there is no queue to grow.
 */
export function batchByTurn<Q, A>(options: TurnBatchOptions<Q, A>): (question: Q) => Promise<A> {
  const { load, atMost, inFlight } = options;
  let waiting: Asked<Q, A>[] = [];
  let isScheduled = false;
  let running = 0;

  function schedule(): void {
    if (!isScheduled && running < inFlight && waiting.length > 0) {
      isScheduled = true;
      setImmediate(startLoads);
    }
  }

  function startLoads(): void {
    isScheduled = false;
    while (running < inFlight && waiting.length > 0) {
      void loadNext();
    }
  }

  async function loadNext(): Promise<void> {
    const batch = waiting.splice(0, atMost);
    running += 1;
    try {
      const loading = load(batch.map(({ question }) => question));
      const answers = loading instanceof Promise ? await loading : loading;
      for (const [index, asked] of batch.entries()) {
        settle(asked, answers[index]);
      }
    } catch (error) {
      const failed = [...batch, ...waiting];
      waiting = [];
      for (const { reject } of failed) {
        reject(error);
      }
    } finally {
      running -= 1;
      schedule();
    }
  }

  return (question) =>
    new Promise<A>((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      if (waiting.length >= atMost && running < inFlight) {
        void loadNext();
      } else {
        schedule();
      }
    });
}

function settle<Q, A>({ resolve, reject }: Asked<Q, A>, answer: (() => A) | undefined): void {
  try {
    if (answer === undefined) {
      throw new Error('a question was left without an answer');
    }
    resolve(answer());
  } catch (error) {
    reject(error);
  }
}
