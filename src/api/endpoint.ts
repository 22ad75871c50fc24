/** One endpoint: what it takes, what it gives, and what it does in between. */

import { z } from 'zod';
import type { Actor, UserActor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import type { Page, PageRequest } from '../access/page.js';
import type { ApiUse } from '../access/permissions.js';
import type { CredentialLimits } from '../services/credential-limits.js';
import type { DeployTokenDeps } from '../services/deploy-tokens.js';
import type { Registry } from '../services/project-removal.js';
import type { ProjectDeps } from '../services/projects.js';
import type { UserDeps } from '../services/users.js';
import { type Refusal, unauthorized } from './errors.js';
import type { Given } from './given.js';
import { pageHeaders, pageParameters, pageRequest, pageWanted } from './pagination.js';
import { parseParameters, refuseFilters } from './parameters.js';

export interface ApiDeps extends DeployTokenDeps, ProjectDeps, UserDeps {
  readonly store: DeployTokenDeps['store'];
  readonly now: () => Date;
  readonly limits: CredentialLimits;
  readonly registry: Registry;
  /** `http.public_url` */
  readonly publicUrl: string;
  /** `registry.host` */
  readonly registryHost: string;
  /** Of Pullgate. */
  readonly version: string;
}

export interface ApiRequest {
  readonly actor: Actor;
  readonly given: Given;
  /** As it was sent: `/api/v4/projects/tanuki%2Fawesome_project`. */
  readonly path: string;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Endpoint {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Below `/api/v4`, with `:names` for what varies. */
  readonly path: string;
  readonly summary: string;
  /** Whether nobody may ask, too; they see what is public. */
  readonly forAnonymous: boolean;
  /** What a token has to be good for. */
  readonly use: ApiUse;
  readonly parameters: z.ZodRawShape;
  /** What a body has to hold beside that, as a JSON schema for the OpenAPI document. */
  readonly bodyRule: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly answer: z.ZodType;
  readonly isList: boolean;
  readonly run: (deps: ApiDeps, request: ApiRequest) => Promise<Reply>;
}

interface Description<S extends z.ZodRawShape> extends Pick<
  Endpoint,
  'method' | 'path' | 'summary'
> {
  readonly forAnonymous?: boolean;
  /** By the method, unless it is told. */
  readonly use?: ApiUse;
  readonly bodyRule?: Endpoint['bodyRule'];
  readonly parameters: S;
  /** How GitLab words what a service refuses; null to leave it. */
  readonly refusal?: (error: AppError) => Refusal | null;
}

export interface Call<S extends z.ZodRawShape> {
  readonly actor: Actor;
  readonly parameters: z.output<z.ZodObject<S>>;
}

/** The answer of endpoints that have none. */
export const NO_CONTENT = z.void();

export function endpoint<S extends z.ZodRawShape, A extends z.ZodType>(
  definition: Description<S> & {
    readonly status?: number;
    readonly answer: A;
    readonly run: (deps: ApiDeps, call: Call<S>) => Promise<z.input<A>>;
  },
): Endpoint {
  const { parameters, answer, refusal } = definition;
  const status = definition.status ?? 200;
  return {
    ...describe(definition),
    status,
    answer,
    isList: false,
    async run(deps, { actor, given }) {
      const call = { actor, parameters: parseParameters(parameters, given) };
      const body = await worded(refusal, async () => await definition.run(deps, call));
      return { status, body, headers: {} };
    },
  };
}

export function list<S extends z.ZodRawShape, A extends z.ZodType>(
  definition: Omit<Description<S>, 'method'> & {
    /** Filters of GitLab's that are refused: passed over, they would give a list that was not asked for. */
    readonly refused?: readonly string[];
    readonly item: A;
    readonly run: (
      deps: ApiDeps,
      call: Call<S> & { readonly page: PageRequest },
    ) => Promise<Page<z.input<A>>>;
  },
): Endpoint {
  const { path, parameters, item, refusal, refused = [] } = definition;
  const filterNames = Object.keys(parameters).filter((name) => !path.includes(`:${name}`));
  return {
    ...describe({ ...definition, method: 'get' }),
    parameters: { ...parameters, ...pageParameters },
    status: 200,
    answer: z.array(item),
    isList: true,
    async run(deps, request) {
      const { actor, given } = request;
      refuseFilters(refused, given);
      const wanted = pageWanted(parseParameters(pageParameters, given));
      const call = {
        actor,
        parameters: parseParameters(parameters, given),
        page: pageRequest(wanted, nameOf(item)),
      };
      const found = await worded(refusal, async () => await definition.run(deps, call));
      const filters = new Map([...given].filter(([name]) => filterNames.includes(name)));
      const address = { url: deps.publicUrl + request.path, filters };
      return { status: 200, body: found.items, headers: pageHeaders(wanted, found, address) };
    },
  };
}

function describe<S extends z.ZodRawShape>({
  method,
  path,
  summary,
  forAnonymous = false,
  use = method === 'get' ? 'read' : 'write',
  bodyRule = {},
  parameters,
}: Description<S>): Pick<
  Endpoint,
  'method' | 'path' | 'summary' | 'forAnonymous' | 'use' | 'bodyRule' | 'parameters'
> {
  return { method, path, summary, forAnonymous, use, bodyRule, parameters };
}

/** As the OpenAPI document names it. */
function nameOf(item: z.ZodType): string {
  return item.meta()?.id ?? 'Object';
}

async function worded<T>(
  refusal: Description<z.ZodRawShape>['refusal'],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw (error instanceof AppError && refusal?.(error)) || error;
  }
}

/** Whom a personal access token stands for. */
export function requireUser(actor: Actor): UserActor {
  if (actor.kind !== 'user') {
    throw unauthorized();
  }
  return actor;
}
