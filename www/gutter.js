// @ts-check
/** The lane gutter: name, gauge and verdict, row symbols with their folds. Real HTML, read in order. */

import { cureButton, retryButton, updateCure } from './cure.js';
import { byId, el, resize, setAttributes, setText, textWidth, unbroken } from './dom.js';
import { math, patchMath } from './math.js';

/** @import { App, Dirty } from './app.js' */
/** @import { Band, Lane, LaneLayout, Layout, MathNode } from './engine.js' */

/** @type {(letter: string) => MathNode} */
const at = (letter) => ['msub', ['mi', letter], ['mi', 't']];

/** Room that a row's symbol takes at the right of the gutter, px. */
const SYMBOL = 24;
/** Height of a name, a line of settings and the gauge, px. */
const HEAD = 81;
/** Height of the cures' button over the gauge, and of the settings' line, px. */
const [CURE, LINE] = [22, 14];

/** The gutter of one lane. */
class Gutter {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.index = 0;
    this.name = el('b');
    this.spec = el('span');
    this.head = el('button', { type: 'button', class: 'lane-head' }, this.name, ' ', this.spec);
    this.head.addEventListener('click', () => this.chooseLane());
    this.folded = el('div', { class: 'folded', role: 'group' });
    this.number = el('b');
    this.verdict = el('span');
    this.cure = cureButton(app, () => this.index);
    this.retry = retryButton(app, () => this.index);
    this.gauge = el('div', { class: 'gauge' }, el('div', { class: 'mend' }, this.retry, this.cure), this.number, this.verdict);
    this.gradient = math('');
    this.state = el('small');
    this.strip = el('div', { class: 'row-name strip' }, this.gradient, this.state);
    this.outputs = el('div', { class: 'row-label' }, math(at('y')));
    this.node = el('section', { class: 'gutter' }, el('div', { class: 'bar' }), this.head, this.folded, this.gauge, this.strip, this.outputs);
    /** @type {HTMLElement[]} */
    this.rows = [];
    /** @type {HTMLButtonElement[]} */
    this.unfolds = [];
  }

  /** Makes this the lane that the inspector and the keys speak of. */
  chooseLane() {
    const { overview } = this.app;
    const lane = overview.lanes[this.index];
    if (lane) this.app.select(this.index, 'h', Math.min(overview.unit, lane.hidden - 1), overview.pinned);
  }

  /**
   * A button that folds or shows a row: its symbol to the eye, words to the ear.
   * @param {boolean} shown
   */
  button(shown) {
    const symbol = math('');
    symbol.setAttribute('aria-hidden', 'true');
    const button = el('button', { type: 'button', 'aria-expanded': String(shown) }, el('span', { class: 'vh' }), symbol);
    button.addEventListener('click', () => this.toggle(button.dataset['symbol'] ?? ''));
    return button;
  }

  /** @param {string} symbol */
  toggle(symbol) {
    this.app.change((session) => session.toggleRow(this.index, symbol), { experiment: true });
    this.app.draw();
    // The button has moved to the other list: so does the focus.
    [...this.rows.map((row) => row.querySelector('button')), ...this.unfolds].find((button) => button?.dataset['symbol'] === symbol)?.focus();
  }

  /**
   * @param {Lane} lane
   * @param {LaneLayout} place
   * @param {Layout} layout
   * @param {number} index
   */
  update(lane, place, layout, index) {
    this.index = index;
    const { style } = this.node;
    style.transform = `translateY(${place.y}px)`;
    style.height = `${place.height}px`;
    style.width = `${layout.axis.x0 > 60 ? layout.axis.x0 : layout.width}px`;
    setAttributes(this.node, { 'aria-label': lane.name });
    this.node.toggleAttribute('data-deep', place.rows.some((row) => row.symbol.includes('.')));
    setText(this.name, lane.name);
    setText(this.spec, lane.spec);
    this.head.title = `Choose this lane: ${[lane.spec, lane.facts].filter(Boolean).join('; ')}`;
    this.placeHead(lane, place, layout);
    setText(this.number, lane.gauge.shown);
    setText(this.verdict, unbroken(lane.gauge.verdict));
    this.gauge.title = `${lane.gauge.what}: ${lane.gauge.full}`;
    this.updateRows(lane, place, layout);
    this.updateFolded(lane, place);
    this.put(this.strip, place.strip, place, layout);
    patchMath(this.gradient, lane.gauge.symbol);
    setText(this.state, lane.gauge.note);
    this.strip.title = `norm of ${lane.gauge.state}, log scale. ${lane.gauge.what}: ${lane.gauge.shown}`;
    this.outputs.hidden = !place.outputs;
    if (place.outputs) this.put(this.outputs, place.outputs, place, layout);
  }

  /**
   * Beside the rows' symbols the head has this much room: where name and settings are longer, the
   * settings take a line of their own, if the lane is high enough for one more.
   * @param {Lane} lane
   * @param {LaneLayout} place
   * @param {Layout} layout
   */
  placeHead(lane, place, layout) {
    const { x0 } = layout.axis;
    const phone = x0 <= 60;
    const scale = this.app.present ? 1.35 : 1;
    const room = phone ? layout.width * 0.52 : x0 - 16 - SYMBOL * scale;
    const long = (textWidth(lane.name, 15) + textWidth(lane.spec, 11) + 6) * scale > room;
    const folded = place.folded.length && !this.app.present ? 20 : 0;
    this.head.style.maxWidth = `${Math.round(room)}px`;
    // Where there is no room for it the list of lanes has it.
    updateCure(this.cure, this.retry, lane, !phone && place.height >= (HEAD + CURE - (long ? 0 : LINE)) * scale + folded);
    this.node.dataset['lines'] = !phone && long && place.height >= HEAD * scale + folded ? '2' : '1';
  }

  /**
   * Puts a row's label beside its band, right-aligned.
   * @param {HTMLElement} node
   * @param {Band} band
   * @param {LaneLayout} place
   * @param {Layout} layout
   */
  put(node, band, place, layout) {
    node.style.top = `${band.y - place.y}px`;
    node.style.height = `${band.height}px`;
    const phone = layout.axis.x0 <= 60;
    node.style.right = phone ? `${layout.width - layout.axis.x0 + 4}px` : '12px';
  }

  /**
   * @param {Lane} lane
   * @param {LaneLayout} place
   * @param {Layout} layout
   */
  updateRows(lane, place, layout) {
    resize(this.rows, place.rows.length, this.node, () => {
      const button = this.button(true);
      return el('div', { class: 'row-name' }, button, el('span', {}, math('')), el('small'));
    });
    place.rows.forEach((row, k) => {
      const node = this.rows[k];
      const [button, plain, note] = node?.children ?? [];
      if (!node || !(button instanceof HTMLButtonElement) || !(plain instanceof HTMLElement) || !note) return;
      const { folds } = row;
      button.hidden = !folds;
      plain.hidden = folds;
      const shown = (folds ? button : plain).querySelector('math');
      if (shown) patchMath(shown, row.label);
      button.dataset['symbol'] = row.symbol;
      setText(button.firstElementChild ?? button, `Fold ${row.word} of ${lane.name}`);
      button.title = `${row.word}: fold`;
      plain.title = row.word;
      setText(note, row.note);
      this.put(node, row, place, layout);
    });
  }

  /**
   * @param {Lane} lane
   * @param {LaneLayout} place
   */
  updateFolded(lane, place) {
    this.folded.hidden = place.folded.length === 0;
    this.folded.setAttribute('aria-label', `Folded rows of ${lane.name}`);
    resize(this.unfolds, place.folded.length, this.folded, () => this.button(false));
    place.folded.forEach((row, k) => {
      const button = this.unfolds[k];
      const shown = button?.querySelector('math');
      if (!button || !shown) return;
      button.dataset['symbol'] = row.symbol;
      patchMath(shown, row.label);
      setText(button.firstElementChild ?? button, `Show ${row.word} of ${lane.name}`);
      button.title = `${row.word}: show`;
    });
  }
}

export class Gutters {
  constructor() {
    this.figure = byId('figure', HTMLElement);
    /** @type {Gutter[]} */
    this.lanes = [];
    this.inputs = el('div', { class: 'row-label', 'aria-hidden': 'true' }, math(at('x')));
    this.targets = el('div', { class: 'row-label', 'aria-hidden': 'true' }, 'target');
    this.title = el('div', { class: 'chart-title' }, el('b', {}, 'Gradient'), ' ', el('span'));
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    const { layout, overview } = app;
    if (!layout) return;
    if (!this.title.isConnected) this.figure.append(this.inputs, this.targets, this.title);
    if (dirty.layout) {
      while (this.lanes.length > layout.lanes.length) this.lanes.pop()?.node.remove();
      while (this.lanes.length < layout.lanes.length) {
        const gutter = new Gutter(app);
        this.figure.insertBefore(gutter.node, this.inputs);
        this.lanes.push(gutter);
      }
      layout.lanes.forEach((place, k) => {
        const lane = overview.lanes[k];
        if (lane) this.lanes[k]?.update(lane, place, layout, k);
      });
      this.frame(app, layout);
    }
    const every = overview.losses === 'every' && overview.canLosses;
    const phone = layout.axis.x0 <= 60;
    const [, words] = this.title.children;
    const arrows = overview.picture === 'boxes' ? 'on arrows and ' : '';
    const what = phone ? `norm ${arrows}left at t` : `${arrows}${every ? 'of every loss' : 'left'} at t`;
    if (words) setText(words, unbroken(`${what}, relative to ${overview.relative}`));
    this.lanes.forEach((gutter, k) => {
      const mark = overview.lanes[k]?.mark ?? 0;
      setAttributes(gutter.node, { class: `gutter mark-${mark}${k === overview.lane ? ' chosen' : ''}` });
      setAttributes(gutter.head, { 'aria-pressed': String(k === overview.lane) });
    });
  }

  /**
   * @param {App} app
   * @param {Layout} layout
   */
  frame({ overview, present }, layout) {
    const { x0 } = layout.axis;
    const wide = x0 > 60;
    /** @type {(node: HTMLElement, band: Band | null) => void} */
    const put = (node, band) => {
      node.hidden = !band;
      if (!band) return;
      node.style.top = `${band.y + band.height - (band.height < 24 ? band.height : 25)}px`;
      node.style.lineHeight = `${band.height < 24 ? band.height : 22}px`;
      node.style.right = `calc(100% - ${x0 - (wide ? 12 : 3)}px)`;
    };
    put(this.inputs, layout.inputs);
    put(this.targets, layout.targets);
    // Beside it stand the names of the curves, each with its marker.
    const size = present ? 15 : 12;
    const names = overview.lanes.map(({ name }) => textWidth(name, size) + size);
    this.title.style.width = wide ? `${x0 - 14 - 10 - Math.max(...names)}px` : '';
    this.title.hidden = layout.chart.height === 0;
    this.title.style.top = `${layout.chart.y - (wide ? 0 : 22)}px`;
  }
}
