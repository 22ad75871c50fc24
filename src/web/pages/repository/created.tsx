import type { JSX } from 'preact';
import type { DeployToken } from '../../../access/deploy-token.js';
import type { Project } from '../../../access/project.js';
import type { Secret } from '../../../credentials.js';
import { addressOf } from '../../addresses.js';
import { artefactsOf } from '../../artefacts.js';
import { Alert, Expiry, Snippet } from '../../components.js';
import { Field } from '../../form-field.js';
import type { WebDeps } from '../../visit.js';

/** The one page that shows the secret. It is an answer to a POST, so no address leads back to it. */
export function NewDeployToken(props: {
  readonly deps: WebDeps;
  readonly project: Project;
  readonly token: DeployToken;
  readonly secret: Secret;
}): JSX.Element {
  const { deps, project, token } = props;
  const secret = props.secret.reveal();
  const artefacts = artefactsOf({
    username: token.username,
    secret,
    scopes: token.scopes,
    projectPath: project.path,
    publicUrl: deps.publicUrl,
    registryHost: deps.registryHost,
  });
  return (
    <>
      <section class="card highlight" aria-labelledby="new">
        <h2 id="new">Your new deploy token</h2>
        <p>
          <bdi>{token.name}</bdi> is created. Expires:{' '}
          <Expiry expiresAt={token.expiresAt} now={deps.now()} />
        </p>
        <Alert kind="info">
          Save it now. It is shown this once, and cannot be recovered: leaving or reloading this
          page loses it.
        </Alert>
        <div class="pair">
          <Field type="once" id="token-username" label="Username" value={token.username} />
          <Field type="once" id="token-secret" label="Deploy token" value={secret} />
        </div>
        <a
          class="button primary"
          href={`${addressOf('repository', { project: project.path })}?show=active`}
        >
          I have saved it
        </a>
      </section>
      <section class="card" aria-labelledby="use">
        <h2 id="use">Use it</h2>
        {artefacts.map(({ id, title, hint, text, fileName }) => (
          <div class="artefact" key={id}>
            <h3>{title}</h3>
            <p class="hint">{hint}</p>
            <Snippet id={id} label={title} text={text} fileName={fileName} />
          </div>
        ))}
      </section>
    </>
  );
}
