// @ts-check
/** The gutter of a lane beside every picture but the heat maps, whose own (gutter.js) is there before the first picture. */

import { el, setAttributes, setText } from './dom.js';

/** @import { App } from './app.js' */
/** @import { Lane, Layout } from './engine.js' */

/** What stands beside a lane in every further figure: its name, which chooses it, and its gauge. */
export class LaneGutter {
  /**
   * @param {App} app
   * @param {string} kind its class
   */
  constructor(app, kind) {
    this.app = app;
    this.kind = kind;
    this.index = 0;
    this.name = el('b');
    this.spec = el('span');
    this.head = el('button', { type: 'button', class: 'lane-head' }, this.name, ' ', this.spec);
    this.head.addEventListener('click', () => this.chooseLane());
    this.number = el('b');
    this.words = el('span');
    this.gauge = el('div', { class: 'gauge' }, this.number, this.words);
    this.node = el('section', {}, el('div', { class: 'bar' }), this.head, this.gauge);
  }

  /** Makes this the lane that the inspector and the keys speak of. */
  chooseLane() {
    const { overview } = this.app;
    const lane = overview.lanes[this.index];
    if (lane) this.app.select(this.index, 'h', Math.min(overview.unit, lane.hidden - 1), overview.pinned);
  }

  /**
   * Puts it beside its lane; whether the page is a phone's.
   * @param {Lane} lane
   * @param {{ y: number, height: number }} place
   * @param {Layout} layout
   * @param {number} index
   */
  stand(lane, place, { axis: { x0 }, width }, index) {
    this.index = index;
    const phone = x0 <= 60;
    const { style } = this.node;
    style.transform = `translateY(${place.y}px)`;
    style.height = `${place.height}px`;
    style.width = `${phone ? width : x0}px`;
    setAttributes(this.node, { 'aria-label': lane.name });
    setText(this.name, lane.name);
    setText(this.spec, lane.spec);
    this.head.title = `Choose this lane: ${[lane.spec, lane.facts].filter(Boolean).join('; ')}`;
    return phone;
  }

  /**
   * Its colour, and whether it is the chosen one.
   * @param {number} mark
   * @param {boolean} chosen
   */
  mark(mark, chosen) {
    setAttributes(this.node, { class: `gutter ${this.kind} mark-${mark}${chosen ? ' chosen' : ''}` });
    setAttributes(this.head, { 'aria-pressed': String(chosen) });
  }
}
