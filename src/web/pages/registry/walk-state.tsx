import type { ComponentChildren, JSX } from 'preact';
import type { RegistryWalk } from '../../../access/registry-inventory.js';
import type { Kind } from '../../parts/chip.js';
import type { IconName } from '../../parts/icon.js';
import { Ago } from '../../parts/time.js';
import { Verdict } from '../../parts/verdict.js';

interface State {
  readonly kind: Kind;
  readonly icon: IconName;
  readonly title: string;
  readonly text: ComponentChildren;
}

/** How far the walk through the registry is, in a sentence. */
export function WalkState(props: { readonly walk: RegistryWalk; readonly now: Date }): JSX.Element {
  const { walk, now } = props;
  const { kind, icon, title, text } = stateOf(walk, now);
  return (
    <Verdict id="walk" kind={kind} icon={icon} title={title}>
      {text}{' '}
      {(walk.startedAt !== null || walk.failure !== null) && walk.endedAt !== null && (
        <>
          Below is what the walk that ended <Ago instant={walk.endedAt} now={now} /> found.
        </>
      )}
    </Verdict>
  );
}

function stateOf({ failure, failedAt, startedAt, endedAt, seen }: RegistryWalk, now: Date): State {
  if (failure !== null) {
    return {
      kind: 'warn',
      icon: 'triangle-alert',
      title: 'The registry cannot be read',
      text: (
        <>
          {failure}{' '}
          {failedAt !== null && (
            <>
              Last tried <Ago instant={failedAt} now={now} />;{' '}
            </>
          )}
          Pullgate tries again every minute.
        </>
      ),
    };
  }
  if (startedAt !== null) {
    return {
      kind: 'info',
      icon: 'rotate-cw',
      title: 'A walk through the registry is under way',
      text: `It has seen ${counted(seen)} so far.`,
    };
  }
  return endedAt === null
    ? {
        kind: 'info',
        icon: 'clock',
        title: 'No walk through the registry has begun yet',
        text: 'The running service does that within seconds.',
      }
    : {
        kind: 'good',
        icon: 'circle-check',
        title: `The registry holds ${counted(seen)}`,
        text: (
          <>
            The last walk through it ended <Ago instant={endedAt} now={now} />. The next one begins
            ten minutes after that.
          </>
        ),
      };
}

export function counted(repositories: number): string {
  return repositories === 1 ? '1 repository' : `${repositories} repositories`;
}
