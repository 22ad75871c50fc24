import type { JSX } from 'preact';
import { Card, CardBody } from '../../parts/card.js';
import { totalOf, UsageChart, type DayUses } from '../../parts/usage.js';

/** How often a deploy token was used on each of the last days: every one of them, the oldest first. */
export function UsesByDay(props: {
  readonly days: readonly DayUses[];
  readonly id?: string;
}): JSX.Element {
  const { days, id = 'uses' } = props;
  const { uses, refused } = totalOf(days);
  return (
    <Card
      id={id}
      title={days.length === 1 ? 'Uses today' : `Uses in ${days.length} days`}
      actions={
        <div class="legend">
          <span>{refused > 0 ? `granted ${uses}` : `${uses} uses`}</span>
          {refused > 0 && <span class="no">refused {refused}</span>}
        </div>
      }
    >
      <CardBody>
        {uses + refused === 0 ? (
          <p class="muted">Nothing has used it in this time.</p>
        ) : (
          <UsageChart id={`${id}-chart`} days={days} />
        )}
      </CardBody>
    </Card>
  );
}
