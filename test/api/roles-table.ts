/** What every endpoint answers everybody: for the test of roles, and for the one of docs/api.md. */

import type { Endpoint } from '../../src/api/endpoint.js';

export const WHO = [
  'nobody',
  'stranger',
  'guest',
  'developer',
  'maintainer',
  'admin',
  'reader',
  'overseer',
];

// Every endpoint against everybody, on a private project or a group; deploy tokens have a table of their own.
// `reader` is a maintainer with read_api, `overseer` an administrator with read_api. USER is somebody
// else, MEMBER another member.
const TABLE = `
                                                 nobody stranger guest developer maintainer admin reader overseer
  GET    /version                                 401     200     200     200       200      200   200     200
  GET    /metadata                                401     200     200     200       200      200   200     200
  GET    /application/settings                    401     403     403     403       403      200   403     200
  GET    /user                                    401     200     200     200       200      200   200     200
  GET    /deploy_tokens                           401     403     403     403       403      200   403     200
  POST   /deploy_tokens                           401     403     403     403       403      201   403     403
  GET    /deploy_tokens/TOKEN                     401     403     403     403       403      200   403     200
  DELETE /deploy_tokens/TOKEN                     401     403     403     403       403      204   403     403
  GET    /audit_events                            401     403     403     403       403      200   403     200
  GET    /projects/ID/audit_events                404     404     403     403       200      200   200     200
  POST   /explain                                 401     404     404     404       200      200   403     403
  GET    /denials                                 401     403     403     403       403      200   403     200
  GET    /projects/ID/denials                     404     404     403     403       200      200   200     200
  GET    /projects/ID/deploy_tokens/TOKEN/denials 404     404     403     403       200      200   200     200
  GET    /groups/GROUP/denials                    404     404     403     403       200      200   200     200
  GET    /groups/GROUP/deploy_tokens/TOKEN/denials 404    404     403     403       200      200   200     200
  GET    /projects                                200     200     200     200       200      200   200     200
  POST   /projects                                401     403     403     403       201      201   403     403
  GET    /projects/ID                             404     404     200     200       200      200   200     200
  PUT    /projects/ID                             401     404     403     403       200      200   403     403
  POST   /projects/ID/archive                     401     404     403     403       201      201   403     403
  POST   /projects/ID/unarchive                   401     404     403     403       201      201   403     403
  GET    /projects/ID/members                     404     404     403     403       200      200   200     200
  GET    /projects/ID/members/all                 404     404     403     403       200      200   200     200
  GET    /projects/ID/members/MEMBER              404     404     403     403       200      200   200     200
  GET    /projects/ID/members/all/MEMBER          404     404     403     403       200      200   200     200
  POST   /projects/ID/members                     401     404     403     403       201      201   403     403
  PUT    /projects/ID/members/MEMBER              401     404     403     403       200      200   403     403
  DELETE /projects/ID/members/MEMBER              401     404     403     403       204      204   403     403
  GET    /projects/ID/deploy_tokens               404     404     403     403       200      200   200     200
  POST   /projects/ID/deploy_tokens               401     404     403     403       201      201   403     403
  GET    /projects/ID/deploy_tokens/TOKEN         404     404     403     403       200      200   200     200
  DELETE /projects/ID/deploy_tokens/TOKEN         401     404     403     403       204      204   403     403
  GET    /groups                                  200     200     200     200       200      200   200     200
  POST   /groups                                  401     403     403     403       201      201   403     403
  GET    /groups/GROUP                            404     404     200     200       200      200   200     200
  PUT    /groups/GROUP                            401     404     403     403       200      200   403     403
  POST   /groups/GROUP/transfer                   401     404     403     403       201      201   403     403
  GET    /groups/GROUP/projects                   404     404     200     200       200      200   200     200
  GET    /groups/GROUP/subgroups                  404     404     200     200       200      200   200     200
  GET    /groups/GROUP/descendant_groups          404     404     200     200       200      200   200     200
  GET    /groups/GROUP/members                    404     404     403     403       200      200   200     200
  GET    /groups/GROUP/members/all                404     404     403     403       200      200   200     200
  GET    /groups/GROUP/members/MEMBER             404     404     403     403       200      200   200     200
  GET    /groups/GROUP/members/all/MEMBER         404     404     403     403       200      200   200     200
  POST   /groups/GROUP/members                    401     404     403     403       201      201   403     403
  PUT    /groups/GROUP/members/MEMBER             401     404     403     403       200      200   403     403
  DELETE /groups/GROUP/members/MEMBER             401     404     403     403       204      204   403     403
  GET    /groups/GROUP/deploy_tokens              404     404     403     403       200      200   200     200
  POST   /groups/GROUP/deploy_tokens              401     404     403     403       201      201   403     403
  GET    /groups/GROUP/deploy_tokens/TOKEN        404     404     403     403       200      200   200     200
  DELETE /groups/GROUP/deploy_tokens/TOKEN        401     404     403     403       204      204   403     403
  GET    /namespaces                              401     200     200     200       200      200   200     200
  GET    /namespaces/GROUP                        401     404     200     200       200      200   200     200
  GET    /users                                   401     403     403     403       403      200   403     200
  POST   /users                                   401     403     403     403       403      201   403     403
  GET    /users/USER                              401     403     403     403       403      200   403     200
  GET    /users/USER/projects                     401     404     404     404       404      200   404     200
  PUT    /users/USER                              401     403     403     403       403      200   403     403
  DELETE /users/USER                              401     403     403     403       403      204   403     403
  POST   /users/USER/block                        401     403     403     403       403      201   403     403
  POST   /users/USER/unblock                      401     403     403     403       403      201   403     403
  POST   /users/USER/personal_access_tokens       401     403     403     403       403      201   403     403
  POST   /user/personal_access_tokens             401     201     201     201       201      201   403     403
  GET    /personal_access_tokens                  401     200     200     200       200      200   200     200
  GET    /personal_access_tokens/self             401     200     200     200       200      200   200     200
  GET    /personal_access_tokens/PAT              401     404     404     404       404      200   404     200
  DELETE /personal_access_tokens/PAT              401     404     404     404       404      204   403     403
  POST   /personal_access_tokens/PAT/rotate       401     404     404     404       404      200   403     403
  POST   /personal_access_tokens/self/rotate      401     200     200     200       200      200   403     403
  DELETE /groups/GROUP                            401     404     403     403       202      202   403     403
  DELETE /projects/ID                             401     404     403     403       202      202   403     403
  DELETE /personal_access_tokens/self             401     204     204     204       204      204   403     403
`;

export const [columns = [], ...rows] = TABLE.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));

/** `GET /projects/ID/deploy_tokens/TOKEN` */
export function nameInTable({ method, path }: Pick<Endpoint, 'method' | 'path'>): string {
  return `${method.toUpperCase()} ${path
    .replace('/projects/:id', '/projects/ID')
    .replace(/\/(groups|namespaces)\/:id/, '/$1/GROUP')
    .replace(':token_id', 'TOKEN')
    .replace(/members\/(all\/)?:user_id/, 'members/$1MEMBER')
    .replace(/\/users\/:(?:user_)?id/, '/users/USER')
    .replace('/personal_access_tokens/:id', '/personal_access_tokens/PAT')}`;
}
