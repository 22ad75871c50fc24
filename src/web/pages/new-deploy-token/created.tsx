import type { JSX } from 'preact';
import type { DeployToken, Owner } from '../../../access/deploy-token.js';
import type { Secret } from '../../../credentials.js';
import { artefactGroups, checkOf, type Artefact } from '../../artefacts.js';
import { OnlyPaths, Reach, Scopes } from '../../deploy-token-parts.js';
import { newTokenAddress, reachText, tokensAddress } from '../../owner.js';
import { Card, CardBody } from '../../parts/card.js';
import { Notice } from '../../parts/notice.js';
import { ArtefactTabs, Once, Snippet } from '../../parts/take-along.js';
import { Facts } from '../../parts/verdict.js';
import { longDay } from '../../time.js';
import type { WebDeps } from '../../visit.js';
import { kindOf } from './kinds.js';

interface CreatedProps {
  readonly deps: WebDeps;
  readonly owner: Owner;
  readonly token: DeployToken;
  readonly secret: Secret;
  /** What was answered to “Who will use it?”. */
  readonly who: string;
}

/** The one page that shows the secret. It is an answer to a POST, so no address leads back to it. */
export function NewDeployToken(props: CreatedProps): JSX.Element {
  const { owner, token } = props;
  return (
    <>
      <h2>Your new deploy token</h2>
      <div class="cols">
        <div class="col steps">
          <Notice kind="good">
            <strong>
              <bdi>{token.name}</bdi>
            </strong>{' '}
            is created. It {verbsOf(token, owner)} of {reachText(owner)}
            {token.only !== null && (
              <>
                , only <OnlyPaths only={token.only} />,
              </>
            )}
            {token.expiresAt === null ? '' : ` until ${longDay(token.expiresAt)}`}.
          </Notice>
          <SaveIt {...props} />
          <UseIt {...props} />
          <CheckIt {...props} />
          <div class="actions">
            <a class="button primary" href={tokensAddress(owner)}>
              Done, I saved the secret
            </a>
            <a class="button" href={newTokenAddress(owner)}>
              Create another
            </a>
          </div>
        </div>
        <div class="col">
          <WhatItIs {...props} />
        </div>
      </div>
    </>
  );
}

function verbsOf({ scopes }: DeployToken, owner: Owner): string {
  return [
    ...(scopes.includes('read_registry') ? ['pulls all images'] : []),
    ...(scopes.includes('read_repository')
      ? [owner.kind === 'project' ? 'clones the git repository' : 'clones the git repositories']
      : []),
  ].join(' and ');
}

function SaveIt({ token, secret }: CreatedProps): JSX.Element {
  return (
    <Card id="save" title="Save it" kind="secret">
      <Notice kind="warn" standing>
        <strong>Save the secret now.</strong> This page shows it once. If you leave or reload the
        page, it is lost.
      </Notice>
      <CardBody>
        <Once id="token-username" label="Username" value={token.username} />
        <Once id="token-secret" label="Deploy token" value={secret.reveal()} isPrimary />
      </CardBody>
    </Card>
  );
}

function UseIt(props: CreatedProps): JSX.Element {
  const groups = artefactGroups(artefactInput(props));
  const wanted = kindOf(props.who)?.artefact;
  const current = groups.find(({ id }) => id === wanted) ?? groups[0];
  return (
    <Card id="use" title="Put it where it is used">
      <CardBody>
        <ArtefactTabs
          current={current?.id ?? ''}
          isAnyGood={wanted === undefined}
          tabs={groups.map(({ id, label, artefacts }) => ({
            id,
            label,
            content: artefacts.map((artefact) => <Piece key={artefact.id} {...artefact} />),
          }))}
        />
      </CardBody>
    </Card>
  );
}

function Piece({ id, title, hint, text, fileName }: Artefact): JSX.Element {
  return (
    <>
      <p class="small muted">{hint}</p>
      <Snippet id={id} label={title} text={text} fileName={fileName} />
    </>
  );
}

function CheckIt(props: CreatedProps): JSX.Element {
  return (
    <Card id="check" title="Check that it works">
      <CardBody>
        <Piece {...checkOf(artefactInput(props))} />
      </CardBody>
    </Card>
  );
}

function artefactInput({
  deps,
  owner,
  token,
  secret,
}: CreatedProps): Parameters<typeof checkOf>[0] {
  return {
    id: token.id,
    username: token.username,
    secret: secret.reveal(),
    scopes: token.scopes,
    only: token.only,
    owner,
    publicUrl: deps.publicUrl,
    registryHost: deps.registryHost,
    registryService: deps.registryService,
  };
}

function WhatItIs({ owner, token }: CreatedProps): JSX.Element {
  return (
    <>
      <Card id="what" title="What it is">
        <CardBody>
          <Facts
            facts={[
              ['Name', <bdi>{token.name}</bdi>],
              [
                'Scopes',
                <span class="scopes">
                  <Scopes scopes={token.scopes} />
                </span>,
              ],
              ['Reaches', <Reach owner={owner} token={token} />],
              [
                'Expires',
                token.expiresAt === null ? 'never' : `${longDay(token.expiresAt)}, 00:00 UTC`,
              ],
            ]}
          />
        </CardBody>
      </Card>
      <Card id="lost" title="If the secret is lost">
        <CardBody>
          <p class="small muted">
            Nobody can show it again. Revoke this deploy token and create another one.
          </p>
        </CardBody>
      </Card>
    </>
  );
}
