import { OPERATOR } from '../../src/access/actor.js';
import type { Project, Visibility } from '../../src/access/project.js';
import type { Role } from '../../src/access/role.js';
import type { User } from '../../src/access/user.js';
import { Secret } from '../../src/credentials.js';
import { createDeployToken } from '../../src/services/deploy-tokens.js';
import { setMember } from '../../src/services/members.js';
import { createProject } from '../../src/services/projects.js';
import { createUser } from '../../src/services/users.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { passwords } from '../support/passwords.js';
import { noteSecret } from '../support/run-evidence.js';
import type { TestApp } from '../support/start-app.js';
import { webClient, type WebClient } from '../support/web-client.js';

export const PASSWORD = 'correct horse battery';

export interface WebData {
  readonly user: (username: string, options?: { readonly isAdmin?: boolean }) => Promise<User>;
  readonly project: (path: string, visibility?: Visibility) => Promise<Project>;
  readonly member: (project: Project, user: User, role: Role) => Promise<void>;
  readonly token: (project: Project, name: string) => Promise<number>;
  /** Somebody new with this role, signed in. */
  readonly signedIn: (username: string, role: Role | null, project: Project) => Promise<WebClient>;
}

export function webData({ service, origin }: TestApp, now = () => new Date()): WebData {
  const { store, repositories } = service;
  const deps = { store, repositories, now, tokenPrefix: 'gldt-', passwords, quotas: NO_QUOTAS };
  const data: WebData = {
    async user(username, { isAdmin = false } = {}) {
      const password = new Secret(PASSWORD);
      noteSecret(PASSWORD);
      return await createUser(deps, OPERATOR, {
        username,
        displayName: username,
        password,
        isAdmin,
      });
    },
    async project(path, visibility = 'private') {
      return await createProject(deps, OPERATOR, { path, visibility });
    },
    async member(project, user, role) {
      await setMember(deps, OPERATOR, project, { user, role });
    },
    async token(project, name) {
      const { token } = await createDeployToken(deps, OPERATOR, project, {
        name,
        scopes: ['read_registry'],
        expiresAt: null,
        username: null,
      });
      return token.id;
    },
    async signedIn(username, role, project) {
      const user = await data.user(username);
      if (role !== null) {
        await data.member(project, user, role);
      }
      const client = webClient(origin);
      await client.signIn(username, PASSWORD);
      return client;
    },
  };
  return data;
}
