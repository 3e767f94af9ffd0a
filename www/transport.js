// @ts-check
/** The transport: one track folded like a hairpin on the time axis, one slider from 1 to 2T. */

import { byId, el, setAttributes, setText, svg, textWidth } from './dom.js';

/** @import { App } from './app.js' */
/** @import { Layout } from './engine.js' */

/** Radius of the bend; half the distance between the rails. */
const BEND = 11;
/** Above this many steps the rails have no marks. */
const MARKED = 60;
/** Room for the speed at the right end, px. */
const SPEED = 120;
/** Wheel travel that is one step, px. */
const NOTCH = 40;

export class Transport {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.root = byId('transport', HTMLElement);
    this.figure = byId('figure', HTMLElement);
    /** Where the rails are: left and right end, top and bottom, px in the bar. */
    this.rails = { a: 0, b: 1, top: 23, bottom: 45, rows: false, left: 0, right: 0, encoder: 0 };
    this.measured = -1;
    this.bar = { width: 0, height: 0, left: 0 };
    const path = (/** @type {string} */ name) => svg('path', { class: name });
    const text = (/** @type {string} */ name) => svg('text', { class: name });
    this.track = path('rail');
    this.forward = path('rail done');
    this.backward = path('rail done backward');
    this.stem = path('stem');
    this.bend = svg('circle', { class: 'bend', r: 4 });
    this.thumb = svg('circle', { class: 'thumb', r: 9 });
    this.arrow = path('arrow');
    this.ring = svg('circle', { class: 'ring', pathLength: 100 });
    this.loss = text('s');
    this.there = text('end');
    this.back = text('end');
    this.step = text('b t');
    this.of = text('s');
    this.slider = el('div', {
      class: 'slider', role: 'slider', tabindex: '0', 'aria-label': 'Position in the pass',
      'aria-valuemin': 1, 'aria-valuemax': 2, 'aria-valuenow': 1,
    });
    this.drawing = svg('svg', { 'aria-hidden': 'true' }, this.track, this.forward, this.backward, this.stem, this.bend, this.loss, this.there, this.back, this.step, this.of, this.thumb, this.arrow, this.ring);
    this.root.append(this.drawing, this.slider);
    this.slider.addEventListener('pointerdown', (event) => this.pressed(event));
    let travel = 0;
    this.root.addEventListener('wheel', (event) => {
      event.preventDefault();
      travel += event.deltaY + event.deltaX;
      const steps = Math.trunc(travel / NOTCH) || (event.deltaMode !== 0 ? Math.sign(travel) : 0);
      if (!steps) return;
      travel = 0;
      app.seek(app.overview.position + steps, event);
    }, { passive: false });
  }

  /**
   * Middle of column t, px in the bar.
   * @param {number} t
   */
  x(t) {
    const axis = this.app.layout?.axis;
    return axis ? this.rails.a + (t - 0.5) * axis.column - 0.5 : 0;
  }

  /** @param {PointerEvent} start */
  pressed(start) {
    if (start.button !== 0) return;
    const { app, rails } = this;
    const axis = app.layout?.axis;
    if (!axis) return;
    const box = this.root.getBoundingClientRect();
    let forward = start.clientY - box.top < (rails.top + rails.bottom) / 2;
    this.slider.setPointerCapture(start.pointerId);
    const over = new AbortController();
    const { signal } = over;
    /** @param {PointerEvent} event */
    const scrub = (event) => {
      const y = event.clientY - box.top;
      // A hand wavers: the rail changes only when the other one is reached.
      if (forward && y > rails.bottom - 3) forward = false;
      else if (!forward && y < rails.top + 3) forward = true;
      const t = Math.max(1, Math.min(axis.steps, Math.floor((event.clientX - box.left - rails.a) / axis.column) + 1));
      app.seek(forward ? t : 2 * axis.steps + 1 - t, event);
    };
    scrub(start);
    this.slider.addEventListener('pointermove', scrub, { signal });
    for (const end of /** @type {const} */ (['pointerup', 'pointercancel'])) this.slider.addEventListener(end, () => over.abort(), { signal });
  }

  /** @param {App} app */
  update(app) {
    const { layout } = app;
    if (!layout) return;
    if (this.measured !== app.sizes) {
      this.measured = app.sizes;
      const bar = this.root.getBoundingClientRect();
      this.bar = { width: bar.width, height: bar.height, left: this.figure.getBoundingClientRect().left - bar.left };
    }
    this.place(layout);
    this.draw(app, layout);
  }

  /**
   * Finds the rails under the figure.
   * @param {Layout} layout
   */
  place(layout) {
    const { bar } = this;
    const { left } = bar;
    const { x0, column, steps, encoder } = layout.axis;
    const rows = bar.height > 100; // in two rows: the rails above, the buttons below
    const top = rows ? 28 : Math.round(bar.height / 2) - BEND;
    const rails = { a: left + x0, b: left + x0 + column * steps - 1, top, bottom: top + 2 * BEND, rows, left, right: bar.width, encoder };
    if (JSON.stringify(rails) === JSON.stringify(this.rails)) return;
    this.rails = rails;
    const { a, b, bottom } = rails;
    let d = `M${a} ${top}H${b}A${BEND} ${BEND} 0 0 1 ${b} ${bottom}H${a}`;
    // Where the decoder begins, both rails are crossed.
    if (encoder < steps) d += `M${a + encoder * column - 1} ${top - 5}V${bottom + 5}`;
    if (steps <= MARKED) for (let t = 1; t <= steps; t++) d += `M${this.x(t)} ${top - 2.5}v5M${this.x(t)} ${bottom - 2.5}v5`;
    this.track.setAttribute('d', d);
    setAttributes(this.bend, { cx: b + BEND, cy: top + BEND });
    setAttributes(this.thumb, { r: rows ? 11 : 9 });
    this.slider.style.left = `${a - 12}px`;
    this.slider.style.width = `${Math.min(b + BEND + 8, bar.width) - a + 12}px`;
    this.slider.style.height = rows ? '72px' : '';
    setAttributes(this.there, rows ? { x: a, y: top - 10 } : { x: a - 15, y: top + 4 });
    setAttributes(this.back, rows ? { x: b, y: bottom + 19 } : { x: a - 15, y: bottom + 4 });
    setAttributes(this.step, rows ? { x: a, y: bottom + 19 } : { x: left, y: top + 4 });
    setAttributes(this.of, { x: left, y: bottom + 4 });
  }

  /**
   * The loss of the chosen lane stands beside the bend, where there is room; else above it.
   * @param {App} app
   * @param {string} words
   */
  placeLoss(app, words) {
    const { b, top, rows, right } = this.rails;
    const x = b + BEND + 9;
    const speed = app.present ? 0 : SPEED;
    const beside = !rows && x + textWidth(words, app.present ? 15 : 12) < right - speed;
    setText(this.loss, words);
    setAttributes(this.loss, beside ? { x, y: top + BEND + 4, class: 's' } : { x: b, y: top - 10, class: 's end' });
    setAttributes(this.slider, { 'aria-description': words });
  }

  /**
   * @param {App} app
   * @param {Layout} layout
   */
  draw(app, layout) {
    const { phase, t, T, step, of, position, flag, loss, operation, operations } = app.overview;
    const { a, b, top, bottom } = this.rails;
    const rows = this.bar.height > 100;
    const back = phase === 'backward';
    const x = this.x(t);
    const y = back ? bottom : top;
    this.forward.setAttribute('d', `M${a} ${top}H${back ? b : x}`);
    this.backward.setAttribute('d', back ? `M${b} ${top}A${BEND} ${BEND} 0 0 1 ${b} ${bottom}H${x}` : '');
    const { x0, column } = layout.axis;
    const left = a - x0 + x0 + (t - 1) * column - 0.5;
    this.stem.setAttribute('d', (rows && x0 < 60) || layout.boxes ? '' : `M${left} -1V${y - 7}M${left + column} -1V${y - 7}`);
    setAttributes(this.bend, { class: back ? 'bend passed' : 'bend' });
    setAttributes(this.thumb, { cx: x, cy: y, class: back ? 'thumb backward' : 'thumb' });
    // Inside a step a ring around the thumb shows how much of it is done.
    const share = operation && (100 * operation) / operations;
    setAttributes(this.ring, { cx: x, cy: y, r: rows ? 14 : 12, class: operation ? (back ? 'ring backward' : 'ring') : 'ring off', 'stroke-dasharray': `${share} ${100 - share}`, transform: `rotate(-90 ${x} ${y})` });
    this.arrow.setAttribute('d', back ? `M${x - 3} ${y}l4.5-3.2v6.4z` : `M${x + 3} ${y}l-4.5-3.2v6.4z`);
    this.placeLoss(app, `${app.overview.lanes[app.overview.lane]?.name ?? ''} loss ${loss}`);
    setText(this.there, 'forward');
    setText(this.back, 'backward');
    setAttributes(this.there, { class: `${rows ? '' : 'end '}${back ? 's' : 'b'}` });
    setAttributes(this.back, { class: `end ${back ? 'b' : 's'}` });
    const within = operation ? `, ${operation}/${operations}` : '';
    setText(this.step, rows ? `${flag} of ${of}${within}` : app.present ? '' : step);
    setText(this.of, rows || app.present ? '' : `of ${of}${within}`);
    setAttributes(this.slider, {
      'aria-valuemax': 2 * T, 'aria-valuenow': position, 'aria-valuetext': `${phase}, ${step} of ${of}${operation ? `, operation ${operation} of ${operations}` : ''}`,
    });
  }
}
