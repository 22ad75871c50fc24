import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Middleware } from 'koa';
import type { DoorName, Origin } from '../access/actor.js';

/** What a request gathers on its way, for its one line in the log. */
export interface RequestState {
  readonly requestId: string;
  readonly clientAddress: string;
  /** What the client said of itself: printable, cut to 255 characters. */
  readonly userAgent: string;
  /** Filled by the door: which it is, who asked, what was granted, why it was refused. Never a secret. */
  readonly facts: Record<string, unknown>;
}

/** What answers a request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
export type Door = Middleware<RequestState>;

export function originOf({ clientAddress, requestId }: RequestState, door: DoorName): Origin {
  return { door, address: clientAddress, requestId };
}
