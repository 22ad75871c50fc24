/** Horizontal bars as SVG, for light and dark pages alike. */

const WIDTH = 860;
const LABEL_WIDTH = 270;
const BAR_HEIGHT = 12;
const ROW_HEIGHT = 42;
const TOP = 66;
const VALUE_WIDTH = 60;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 15px; font-weight: 600 }
  .bar0 { fill: #1a63c4 }
  .bar1 { fill: #b3541e }
  .range { stroke: #1f2328; stroke-width: 1.5 }
  .page { fill: #fff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .bar0 { fill: #6aa6f8 }
    .bar1 { fill: #e79a63 }
    .range { stroke: #e6edf3 }
    .page { fill: #0d1117 }
  }`;

/** Each row has a `{ median, min, max }` for each series. The line on a bar runs from min to max. */
export function barChart({ title, series, rows }) {
  const longest = Math.max(...rows.flatMap(({ values }) => values.map(({ max }) => max)));
  const scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / longest;
  const height = TOP + rows.length * ROW_HEIGHT + 10;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(title)}">`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${WIDTH}" height="${height}" />`,
    `<text class="title" x="10" y="24">${escape(title)}</text>`,
    ...series.map((name, index) => legend(name, index)),
    ...rows.map((row, index) => bars(row, TOP + index * ROW_HEIGHT, scale)),
    '</svg>',
  ].join('\n')}\n`;
}

function legend(name, index) {
  const x = 10 + index * 120;
  return (
    `<rect class="bar${index}" x="${x}" y="38" width="12" height="12" />` +
    `<text x="${x + 18}" y="49">${escape(name)}</text>`
  );
}

function bars({ name, values }, y, scale) {
  const label = `<text x="10" y="${y + BAR_HEIGHT + 5}">${escape(name)}</text>`;
  return [label, ...values.map((value, index) => bar(value, { y, index, scale }))].join('');
}

function bar({ median, min, max }, { y, index, scale }) {
  const top = y + index * (BAR_HEIGHT + 3);
  const middle = top + BAR_HEIGHT / 2;
  const [width, from, to] = [median, min, max].map((value) => (value * scale).toFixed(1));
  return (
    `<rect class="bar${index}" x="${LABEL_WIDTH}" y="${top}" width="${width}" height="${BAR_HEIGHT}" />` +
    `<line class="range" x1="${LABEL_WIDTH + Number(from)}" x2="${LABEL_WIDTH + Number(to)}" y1="${middle}" y2="${middle}" />` +
    `<text x="${LABEL_WIDTH + Number(to) + 6}" y="${middle + 4}">${median.toFixed(0)}</text>`
  );
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
