import type { JSX } from 'preact';
import type { Finding } from '../../../doctor/finding.js';
import { Card } from '../../parts/card.js';
import { Row, Rows } from '../../parts/rows.js';

/** What is wrong between clients, the registry and Pullgate; nothing where all is well or unknown yet. */
export function PathFindings(props: {
  readonly findings: readonly Finding[] | null;
}): JSX.Element | null {
  const { findings } = props;
  if (findings === null || findings.length === 0) {
    return null;
  }
  return (
    <Card
      id="path-findings"
      title="What is wrong"
      count={findings.length}
      note={
        <>
          As <code>pullgate doctor</code> tells it; looked at every five minutes.
        </>
      }
    >
      <Rows>
        {findings.map(({ check, problem, clients, change }) => (
          <Row
            key={`${check} ${problem}`}
            icon="triangle-alert"
            kind="warn"
            title={problem}
            meta={
              <>
                Clients see: {clients}
                <br />
                To change: {change}
              </>
            }
          />
        ))}
      </Rows>
    </Card>
  );
}
