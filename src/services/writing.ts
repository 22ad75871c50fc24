/**
 * How a use case writes. Who writes is asked again inside the transaction, and the record of it goes
 * into the same one: nothing else can make an audit event of an actor.
 */

import {
  subjectOf,
  type Actor,
  type OperatorActor,
  type Origin,
  type UserActor,
} from '../access/actor.js';
import type { AuditAction, NewAuditEvent } from '../access/audit-event.js';
import { AppError } from '../access/errors.js';
import { INSTANCE, type Owner } from '../access/deploy-token.js';
import type { Project } from '../access/project.js';
import type { User } from '../access/user.js';
import type { Store, Stores } from '../store/open-store.js';
import { presentActor } from './authority.js';
import { requireManage, userIdOf } from './requirements.js';

const MAX_TEXT = 255;

export interface WritingDeps {
  readonly store: Pick<Store, 'write'>;
  readonly now: () => Date;
  /** Whether to go before what others wait to add. */
  readonly goesFirst?: boolean;
}

/** For what takes something away: whoever adds a lot must be in nobody's way who revokes. */
export function goingFirst(deps: WritingDeps): WritingDeps {
  return { store: deps.store, now: deps.now, goesFirst: true };
}

/** Each user's own place among those who wait to write. */
export function writerOf(userId: number): string {
  return `user:${userId}`;
}

/** Who share one place among those who wait to write. */
export const STRANGERS = 'strangers';

export interface Deed {
  readonly action: AuditAction;
  /** What it was done to, or where; left out for what concerns the instance. */
  readonly on?: Owner;
  readonly subject: { readonly id: number | null; readonly name: string };
  /** What was chosen. */
  readonly detail?: string;
}

export interface Writing {
  readonly stores: Stores;
  /** As of this moment; the one that came with the request is no longer asked. */
  readonly actor: UserActor | OperatorActor;
  readonly at: Date;
  /** There is the deed with its record, or neither. */
  readonly record: (deed: Deed) => Promise<void>;
}

/** As one transaction, see `Store.write`. The work asks what the actor may do before it does anything. */
export async function writeAs<T>(
  { store, now, goesFirst = false }: WritingDeps,
  actor: Actor,
  work: (writing: Writing) => Promise<T>,
): Promise<T> {
  const userId = userIdOf(actor);
  const turn = { actor: userId === null ? null : writerOf(userId), goesFirst };
  return await store.write(async (stores) => {
    const at = now();
    const present = doer(await presentActor(stores, actor, at));
    return await work({
      stores,
      actor: present,
      at,
      async record(deed) {
        const { origin } = present;
        const by = { actorId: userIdOf(present), actor: subjectOf(present), origin };
        await stores.auditEvents.add(eventOf(by, deed, at));
      },
    });
  }, turn);
}

export interface NewcomerWriting extends Pick<Writing, 'stores' | 'at'> {
  /** As done by the account that the work makes. */
  readonly record: (user: User, deed: Deed) => Promise<void>;
}

/** For somebody who has no account yet, and holds a link that counts this once: the work asks whether it does. */
export async function writeAsNewcomer<T>(
  { store, now }: WritingDeps,
  origin: Origin,
  work: (writing: NewcomerWriting) => Promise<T>,
): Promise<T> {
  return await store.write(
    async (stores) => {
      const at = now();
      return await work({
        stores,
        at,
        async record({ id, username }, deed) {
          const by = { actorId: id, actor: username, origin };
          await stores.auditEvents.add(eventOf(by, deed, at));
        },
      });
    },
    { actor: STRANGERS },
  );
}

/** The same for what only those do who manage the owner, with the owner as it is at this moment. */
export async function writeTo<T>(
  deps: WritingDeps,
  actor: Actor,
  owner: Owner,
  work: (writing: Writing & { readonly owner: Owner }) => Promise<T>,
): Promise<T> {
  return await writeAs(deps, actor, async (writing) => {
    const present = await presentOwner(writing.stores, owner);
    requireManage(writing.actor, present);
    return await work({ ...writing, owner: present });
  });
}

/** The same for what is done to a project alone. */
export async function writeToProject<T>(
  deps: WritingDeps,
  actor: Actor,
  { id, path }: Project,
  work: (writing: Writing & { readonly project: Project }) => Promise<T>,
): Promise<T> {
  return await writeAs(deps, actor, async (writing) => {
    const project = (await writing.stores.projects.findById(id)) ?? gone('project', path);
    requireManage(writing.actor, project);
    return await work({ ...writing, project });
  });
}

async function presentOwner({ projects, namespaces }: Stores, owner: Owner): Promise<Owner> {
  switch (owner.kind) {
    case 'project':
      return (await projects.findById(owner.id)) ?? gone('project', owner.path);
    case 'namespace':
      return (await namespaces.findById(owner.id)) ?? gone('namespace', owner.path);
    case 'instance':
      return owner;
  }
}

function gone(kind: string, path: string): never {
  throw new AppError('not_found', `There is no ${kind} ${path} any more.`);
}

/** Nobody else changes anything. */
function doer(actor: Actor): UserActor | OperatorActor {
  if (actor.kind === 'user' || actor.kind === 'operator') {
    return actor;
  }
  throw new AppError('forbidden', 'Only people who are signed in may do this.');
}

function eventOf(
  by: Pick<NewAuditEvent, 'actorId' | 'actor' | 'origin'>,
  { action, on = INSTANCE, subject, detail = '' }: Deed,
  at: Date,
): NewAuditEvent {
  return {
    at,
    action,
    ...by,
    ...placeOf(on),
    subjectId: subject.id,
    subject: subject.name.slice(0, MAX_TEXT),
    detail: detail.slice(0, MAX_TEXT),
  };
}

function placeOf(
  on: Owner,
): Pick<NewAuditEvent, 'projectId' | 'projectPath' | 'namespaceId' | 'namespacePath'> {
  const project = on.kind === 'project' ? on : null;
  const namespace = on.kind === 'namespace' ? on : null;
  return {
    projectId: project?.id ?? null,
    projectPath: project?.path ?? null,
    namespaceId: namespace?.id ?? null,
    namespacePath: namespace?.path ?? null,
  };
}
