import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Middleware } from 'koa';
import type { RequestRecord } from './request-record.js';

/** What answers a request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The same behind Koa, with the record of the request as its state. */
export type Door = Middleware<RequestRecord>;
