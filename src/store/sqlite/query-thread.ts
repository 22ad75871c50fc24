/**
 * SQLite answers within the call, however long it takes: so the stores ask a thread of their own, and the
 * event loop goes on. Only the keyed lookups of the doors are asked on the thread that serves.
 */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface ThreadOptions {
  readonly file: string;
  /** How long opening the file waits for another process. */
  readonly timeoutMs: number;
  readonly cacheKb: number;
}

export interface Question {
  readonly id: number;
  readonly sql: string;
  readonly values: readonly unknown[];
}

export type Answer = { readonly id: number } & (
  | { readonly rows: unknown[] }
  | { readonly changes: number; readonly lastInsertRowid: number }
  | { readonly failure: Failure }
);

export interface Failure {
  readonly message: string;
  readonly code: string;
}

export interface QueryThread {
  /** In the order in which they are asked. Throws what SQLite says, with its `code`. */
  readonly ask: (sql: string, values: readonly unknown[]) => Promise<Exclude<Answer, Failed>>;
  readonly close: () => Promise<void>;
}

type Failed = Extract<Answer, { readonly failure: unknown }>;

interface Waiting {
  readonly resolve: (answer: Exclude<Answer, Failed>) => void;
  readonly reject: (error: Error) => void;
}

/** A fault of the thread ends the process, as one of the process itself does. */
export function startQueryThread({ file, timeoutMs, cacheKb }: ThreadOptions): QueryThread {
  const worker = new Worker(new URL('thread.js', import.meta.url), {
    argv: [file, timeoutMs, cacheKb],
    execArgv: [],
  });
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  worker.on('message', (answer: Answer) => {
    const { resolve, reject } = waiting.get(answer.id) ?? {};
    waiting.delete(answer.id);
    if ('failure' in answer) {
      const { message, code } = answer.failure;
      reject?.(Object.assign(new Error(message), { code }));
    } else {
      resolve?.(answer);
    }
  });

  return {
    async ask(sql, values) {
      return await new Promise((resolve, reject) => {
        asked += 1;
        waiting.set(asked, { resolve, reject });
        const question: Question = { id: asked, sql, values };
        worker.postMessage(question);
      });
    },
    async close() {
      const ended = once(worker, 'exit');
      await worker.terminate();
      await ended;
    },
  };
}
