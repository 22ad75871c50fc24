/** Where the deploy tokens of a project, a namespace or the instance are found among the pages. */

import { ADDRESSES, addressOf } from './addresses.js';

/** As much of an owner as addresses and sentences need. */
export type OwnerName =
  { readonly kind: 'project' | 'namespace'; readonly path: string } | { readonly kind: 'instance' };

/** The list. */
export function tokensAddress(owner: OwnerName): string {
  return owner.kind === 'instance'
    ? ADDRESSES['all-deploy-tokens'].path
    : addressOf('repository', { place: owner.path });
}

export function newTokenAddress(owner: OwnerName): string {
  return owner.kind === 'instance'
    ? ADDRESSES['new-instance-token'].path
    : addressOf('new-deploy-token', { place: owner.path });
}

export function tokenAddress(owner: OwnerName, id: number): string {
  return owner.kind === 'instance'
    ? addressOf('instance-token', { id })
    : addressOf('deploy-token', { place: owner.path, id });
}

export function revokeAddress(owner: OwnerName, id: number): string {
  return owner.kind === 'instance'
    ? addressOf('revoke-instance-token', { id })
    : addressOf('revoke', { place: owner.path, id });
}

export function auditAddress(owner: OwnerName): string {
  return owner.kind === 'instance'
    ? ADDRESSES['audit-all'].path
    : addressOf('audit', { place: owner.path });
}

export function ownerText(owner: OwnerName): string {
  return owner.kind === 'instance' ? 'the instance' : owner.path;
}

/** What a deploy token of this owner reaches, unless it says “only”. */
export function reachText(owner: OwnerName): string {
  switch (owner.kind) {
    case 'project':
      return owner.path;
    case 'namespace':
      return `every project below ${owner.path}`;
    case 'instance':
      return 'every project';
  }
}
