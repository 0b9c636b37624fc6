// What uPlot is told of a chart: its axes, its curves, and who hears of pointing and dragging.
import uPlot from 'uplot';
import type { Curve, Range } from './chart-data';

const AXIS_PX = 14;
const DIGIT_PX = 6.5;
/** Above and below the data, as a share of their height. */
const AIR = 0.1;
/** Up to so many rows, each point is drawn; of what has a point for each step, up to fewer. */
const POINTED_ROWS = 60;
const POINTED_STEPS = 4;

export interface Plotted {
  width: number;
  height: number;
  curves: readonly Pick<Curve, 'tone' | 'style' | 'stepwise'>[];
  /** Rows of the data. */
  rows: number;
  logarithmic: boolean;
  /** Lowest and highest value that can be. */
  bounds: Range | null;
  /** Charts of the same key are pointed at together. */
  sync: string;
  /** The colour of a name of the theme. */
  colour: (name: string) => string;
  format: (value: number) => string;
  tick: (place: number) => string;
  /** What is looked at; null is all data. */
  sight: () => [number, number] | null;
  /** The row that a column is read at; null is the nearest one. */
  row: (series: number) => number | null;
  pointed: (at: uPlot) => void;
  selected: (from: number, to: number) => void;
  /** Everything is to be seen again. */
  reset: () => void;
  drawn: (at: uPlot) => void;
}

/** Some air around the data, but nothing beyond what can be. */
function inside([lowest, highest]: Range): uPlot.Range.Function {
  return (_, low, high) => {
    const [from, to] = uPlot.rangeNum(low, high, AIR, true) as [number, number];
    return [Math.max(lowest, from), Math.min(highest, to)];
  };
}

function series({ style, tone, stepwise }: Plotted['curves'][number], { rows, colour }: Plotted): uPlot.Series {
  const isFaint = style === 'faint';
  return {
    stroke: colour(`--tone-${tone}`),
    width: isFaint ? 1 : 2,
    alpha: isFaint ? 0.45 : 1,
    dash: style === 'dashed' ? [6, 4] : [],
    spanGaps: true,
    points: { show: !isFaint && rows < (stepwise ? POINTED_STEPS : POINTED_ROWS), size: 5 },
  };
}

function axes({ colour, format, tick }: Plotted): uPlot.Axis[] {
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui',
    gap: 4,
  };
  const longest = (places: string[] | null) => Math.max(3, ...(places ?? []).map((place) => place.length));
  return [
    { ...axis, size: 24, values: (_, places) => places.map(tick) },
    {
      ...axis,
      size: (_, places) => AXIS_PX + DIGIT_PX * longest(places),
      values: (_, places) => places.map((at) => (at === null ? '' : format(at).replace(/\.0+(?= )/, ''))),
    },
  ];
}

export function plotOptions(told: Plotted): uPlot.Options {
  const { width, height, curves, logarithmic, bounds, sync } = told;
  /** What was dragged over is looked at alone. */
  const select = (at: uPlot) => {
    const { left, width } = at.select;
    if (width <= 0) return;
    told.selected(at.posToVal(left, 'x'), at.posToVal(left + width, 'x'));
    at.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  };
  return {
    width,
    height,
    legend: { show: false },
    padding: [8, 18, 0, 0],
    scales: {
      x: { time: false, range: (_, first, last) => told.sight() ?? [first, last] },
      // A logarithmic scale has whole powers at its ends, and no nought to be bounded by.
      y: { distr: logarithmic ? 3 : 1, ...(bounds && !logarithmic && { range: inside(bounds) }) },
    },
    cursor: {
      sync: { key: sync },
      y: false,
      points: { size: 6 },
      dataIdx: (_, series, closest) => (series === 0 ? closest : (told.row(series) ?? closest)),
      drag: { x: true, y: false, setScale: false, dist: 8 },
      bind: { dblclick: () => () => (told.reset(), null) },
    },
    hooks: { setCursor: [told.pointed], setSelect: [select], draw: [told.drawn] },
    axes: axes(told),
    series: [{}, ...curves.map((curve) => series(curve, told))],
  };
}

/** A dashed line down the chart, with its words beside it: within the chart, however far right it is. */
export function drawMark(at: uPlot, mark: { x: number; label: string }, colour: string): void {
  const x = at.valToPos(mark.x, 'x', true);
  const { left, top, width, height } = at.bbox;
  if (x < left - 1 || x > left + width + 1) return;
  const isRight = x > left + width / 2;
  const { ctx } = at;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, top + height);
  ctx.stroke();
  ctx.font = `${11 * devicePixelRatio}px system-ui`;
  ctx.textAlign = isRight ? 'right' : 'left';
  ctx.fillText(mark.label, x + (isRight ? -5 : 5) * devicePixelRatio, top + 11 * devicePixelRatio);
  ctx.restore();
}
