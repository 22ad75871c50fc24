import type { JSX } from 'preact';
import type { Owner } from '../../../access/deploy-token.js';
import { dayIn } from '../../../access/expiry.js';
import { fieldText } from '../../fields.js';
import { tokensAddress } from '../../owner.js';
import { PlacePath } from '../../place-frame.js';
import { longDay } from '../../time.js';
import type { SignedInVisit } from '../../visit.js';

/**
 * What the button will make, in a sentence of parts: the stylesheet shows those that fit what is chosen.
 * A script puts in the name and the date; without one it says “this deploy token” and “the chosen date”.
 */
export function Summary(props: {
  readonly visit: SignedInVisit;
  readonly owner: Owner;
  readonly now: Date;
}): JSX.Element {
  const { visit, owner, now } = props;
  return (
    <section class="summary" aria-labelledby="summary-title">
      <h2 class="visually-hidden" id="summary-title">
        What will be made
      </h2>
      <p>
        <span class="if if-unknown">It is made as you choose, for </span>
        <span class="if if-nothing">Select what it may read: images, git or both.</span>
        <span class="if if-something">
          <strong data-text-of="name">
            {fieldText(visit.form, 'name') || 'This deploy token'}
          </strong>{' '}
          <span class="if if-images">pulls all images</span>
          <span class="if if-both"> and </span>
          <span class="if if-git">
            clones the git {owner.kind === 'project' ? 'repository' : 'repositories'}
          </span>{' '}
          of{' '}
        </span>
        <span class="if if-something if-unknown">
          <Reached owner={owner} />
        </span>
        <span class="if if-something">
          {', '}
          {([30, 90, 365] as const).map((days) => (
            <span key={days} class={`if if-${days}`}>
              until {longDay(dayIn(days, now))}
            </span>
          ))}
          <span class="if if-none">without an end</span>
          <span class="if if-date">
            until <span data-day-of="expires-at">the chosen date</span>
          </span>
          , from anywhere. It cannot push.
        </span>
        <span class="if if-unknown">.</span> Its secret is shown once.
      </p>
      <div class="actions">
        <button type="submit" class="button primary">
          Create deploy token
        </button>
        <a class="button" href={tokensAddress(owner)}>
          Cancel
        </a>
      </div>
    </section>
  );
}

function Reached({ owner }: { readonly owner: Owner }): JSX.Element {
  switch (owner.kind) {
    case 'project':
      return <PlacePath path={owner.path} />;
    case 'namespace':
      return (
        <>
          every project below <PlacePath path={owner.path} />
        </>
      );
    case 'instance':
      return <>every project</>;
  }
}
