// @ts-check
/** What a lane's model costs: parameters by matrix, and how long a step takes here. */

import { el } from './dom.js';
import { math } from './math.js';

/** @import { App } from './app.js' */

/** Passes are timed for so long, ms, and at most so many of them. */
const SPAN = 30;
const PASSES = 500;
/** The clock runs when nothing changed for so long, ms. */
const REST = 250;

export class FactsPanel {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.waiting = 0;
    this.node = el('div', { class: 'costs' });
  }

  /** @param {number} lane */
  update(lane) {
    this.show(lane);
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.measure(lane), REST);
  }

  /**
   * @param {number} lane
   * @param {number} [passes]
   * @param {number} [milliseconds]
   */
  show(lane, passes, milliseconds) {
    const facts = this.app.session.facts(lane, passes, milliseconds);
    if (!facts) return;
    const rows = facts.rows.flatMap((row, k) => {
      const symbol = math(row.symbol);
      symbol.setAttribute('aria-label', row.spoken);
      const own = el('tr', {}, el('th', { scope: 'row', title: row.spoken }, symbol), el('td', {}, row.size), el('td', {}, row.count));
      const first = row.layers && row.layers !== facts.rows[k - 1]?.layers;
      return first ? [el('tr', {}, el('th', { scope: 'colgroup', colspan: 3 }, row.layers)), own] : [own];
    });
    const total = el('tr', {}, el('th', { scope: 'row', colspan: 2 }, 'Parameters'), el('td', {}, facts.total));
    const costs = facts.costs.map(({ what, value, note }) => el('div', {}, el('dt', {}, what), el('dd', {}, el('b', {}, value), ' ', el('small', {}, note))));
    this.node.replaceChildren(el('table', { 'aria-label': 'Parameters by matrix' }, el('tbody', {}, ...rows, total)), el('dl', {}, ...costs));
  }

  /**
   * Runs the lane again and again, beside the clock.
   * @param {number} lane
   */
  measure(lane) {
    if (!this.node.isConnected) return;
    const start = performance.now();
    let passes = 0;
    while (passes < PASSES && performance.now() - start < SPAN) {
      this.app.session.runAgain(lane);
      passes += 1;
    }
    this.show(lane, passes, performance.now() - start);
  }
}
