// @ts-check
/** Lane marks: colour, dash and marker, the same in the chart, the lists and the labels. */

import { svg } from './dom.js';

/** Dash of each mark's line, as in the chart. */
const DASHES = ['', '9 3', '3 2.5', '12 3 3 3', '6 6', '18 4'];

/**
 * Path of a marker around a point: disc, square, triangle, diamond, inverted triangle, cross.
 * @param {number} mark
 * @param {number} x
 * @param {number} y
 * @param {number} r
 * @returns {string}
 */
export function markerPath(mark, x, y, r) {
  const s = r * 0.9;
  switch (mark % 6) {
    case 1: return `M${x - s} ${y - s}h${2 * s}v${2 * s}h${-2 * s}z`;
    case 2: return `M${x} ${y - r * 1.1}l${r * 1.1} ${r * 2}h${-r * 2.2}z`;
    case 3: return `M${x} ${y - r * 1.3}l${r * 1.2} ${r * 1.3}l${-r * 1.2} ${r * 1.3}l${-r * 1.2} ${-r * 1.3}z`;
    case 5: return `M${x - r} ${y - r * 0.4}h${r * 0.6}v${-r * 0.6}h${r * 0.8}v${r * 0.6}h${r * 0.6}v${r * 0.8}h${-r * 0.6}v${r * 0.6}h${-r * 0.8}v${-r * 0.6}h${-r * 0.6}z`;
    case 4: return `M${x} ${y + r * 1.1}l${r * 1.1} ${-r * 2}h${-r * 2.2}z`;
    default: return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
  }
}

/**
 * The legend key of a lane: its line with its marker.
 * @returns {SVGSVGElement}
 */
export function key() {
  return svg('svg', { class: 'key', width: 26, height: 12, 'aria-hidden': 'true' },
    svg('line', { x1: 0, y1: 6, x2: 26, y2: 6, 'stroke-width': 2 }),
    svg('path', { class: 'blob' }));
}

/**
 * Makes a key show a mark.
 * @param {SVGSVGElement} node
 * @param {number} mark
 */
export function setKey(node, mark) {
  if (node.dataset['mark'] === String(mark)) return;
  node.dataset['mark'] = String(mark);
  node.setAttribute('class', `key mark-${mark}`);
  node.firstElementChild?.setAttribute('stroke-dasharray', DASHES[mark] ?? '');
  node.lastElementChild?.setAttribute('d', markerPath(mark, 13, 6, 3.8));
}
