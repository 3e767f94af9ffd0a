// @ts-check
/** The words of the figure of steps: names and dials beside the planes, gutters, and the right column. */

import { addStyle, byId, el, resize, setAttributes, setText, svg, textWidth, unbroken } from './dom.js';
import { copy } from './files.js';
import { LaneGutter } from './lane-gutter.js';
import { key, setKey } from './marks.js';
import { math, patchMath } from './math.js';
import { note } from './messages.js';

/** @import { App, Dirty } from './app.js' */
/** @import { Lane, Layout, Plane, Spectrum, SpectrumLane, SpectrumPlace } from './engine.js' */

/** Length of the axis of singular values, its height per lane, and the room for names before it, px. */
const AXIS = 190;
const ROW = 26;
const NAMES = 116;
/** Room that the decades take at the right of the gutter, px. */
const DECADES = 18;

/** The name over a plane, and the dials beside it. */
class PlaneWords {
  /** @param {Gutter} gutter of the same lane */
  constructor(gutter) {
    this.name = el('b');
    this.what = el('span');
    this.head = el('button', { type: 'button', class: 'plane-head' }, this.name, ' ', this.what);
    this.head.addEventListener('click', () => gutter.chooseLane());
    this.node = el('section', { class: 'plane' }, el('div', { class: 'bar' }), this.head);
    /** @type {HTMLElement[]} */
    this.dials = [];
  }

  /**
   * @param {Lane} lane
   * @param {Plane} plane
   */
  place(lane, plane) {
    this.node.style.transform = `translate(${plane.x}px, ${plane.y}px)`;
    this.node.style.width = `${plane.width}px`;
    setText(this.name, lane.name);
    setAttributes(this.node, { 'aria-label': `${lane.name}, eigenvalues` });
    resize(this.dials, plane.dials.length, this.node, () => el('div', { class: 'dial' }, math(''), el('span', { class: 'vh' }), el('b')));
    plane.dials.forEach((dial, k) => {
      const node = this.dials[k];
      if (!node) return;
      node.style.transform = `translate(${dial.x - plane.x}px, ${dial.y - plane.y}px)`;
      node.style.width = `${dial.width}px`;
    });
  }

  /**
   * @param {Lane} lane
   * @param {SpectrumLane} facts
   * @param {boolean} chosen
   */
  say(lane, facts, chosen) {
    setAttributes(this.node, { class: `plane mark-${lane.mark}${chosen ? ' chosen' : ''}` });
    setAttributes(this.head, { 'aria-pressed': String(chosen), title: `Choose this lane: ${lane.facts}` });
    setText(this.what, unbroken(facts.head));
    facts.dials.forEach((dial, k) => {
      const node = this.dials[k];
      const [symbol, name, value] = node?.children ?? [];
      if (!node || !symbol || !name || !value) return;
      patchMath(symbol, dial.symbol);
      setAttributes(symbol, { 'aria-hidden': 'true' });
      setText(name, `${dial.name} = `);
      setText(value, dial.shown);
      setAttributes(node, { title: `${dial.name} = ${dial.full}` });
    });
  }
}

/** Beside the curves of one lane. */
class Gutter extends LaneGutter {
  /** @param {App} app */
  constructor(app) {
    super(app, 'spectrum');
    this.rate = el('span');
    this.gauge.append(this.rate);
    this.strip = el('div', { class: 'row-label' }, 'saturated');
    this.node.append(this.strip);
  }

  /**
   * @param {Lane} lane
   * @param {SpectrumPlace} place
   * @param {Layout} layout
   * @param {number} index
   */
  place(lane, place, layout, index) {
    const { app } = this;
    const phone = this.stand(lane, place, layout, index);
    // Where name and settings are longer than the room beside the decades, the settings take a line of their own.
    const scale = app.present ? 1.35 : 1;
    const room = phone ? layout.width * 0.52 : layout.axis.x0 - 16 - DECADES * scale;
    const long = (textWidth(lane.name, 15) + textWidth(lane.spec, 11) + 6) * scale > room;
    this.head.style.maxWidth = `${Math.round(room)}px`;
    this.node.dataset['lines'] = !phone && long && place.height >= 96 * scale ? '2' : '1';
    this.strip.hidden = phone;
    // What stands in the right column, too, goes first where the lane is low.
    this.rate.hidden = !phone && place.height < (app.present ? 112 : 86);
    this.strip.style.top = `${place.strip.y - place.y + place.strip.height / 2}px`;
  }

  /**
   * @param {Lane} lane
   * @param {SpectrumLane} facts
   * @param {boolean} chosen
   */
  say(lane, facts, chosen) {
    this.mark(lane.mark, chosen);
    setText(this.number, facts.shown);
    setText(this.words, unbroken(facts.words));
    setText(this.rate, unbroken(facts.rate));
    setAttributes(this.strip, { title: facts.saturated });
  }
}

/** The right column. */
class Side {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.key = key();
    this.name = el('span');
    this.where = el('span', { class: 'where' });
    this.spoken = el('p', { class: 'vh' });
    this.equations = el('div', { class: 'formulas', 'aria-hidden': 'true' });
    this.verdicts = el('dl', { class: 'verdicts' });
    this.symbol = math('');
    this.axis = svg('svg', { class: 'sigma', 'aria-hidden': 'true' });
    this.ticks = el('ul', { class: 'vh' });
    this.numbers = el('dl', { class: 'values' });
    this.copy = el('button', { type: 'button', class: 'plain' }, 'Copy all');
    this.copy.addEventListener('click', () => void copy(this.text, () => note('Copied the singular values')));
    this.text = '';
    this.all = el('details', {}, el('summary', {}, 'All of them, as numbers'), this.numbers, this.copy);
    this.all.addEventListener('toggle', () => this.list());
    this.paths = el('dl', { class: 'paths' });
    this.pathWords = el('p');
    this.signal = el('p');
    this.saturation = el('p');
    this.saturated = el('h3', {}, 'Saturation');
    this.node = el('div', { class: 'spectrum-side' },
      el('header', {}, el('h2', {}, this.key, this.name), this.where),
      this.spoken, this.equations, this.verdicts,
      el('h3', {}, 'Singular values of ', this.symbol), this.axis, this.ticks, this.all,
      el('h3', {}, 'Ways back for the last loss'), this.paths, this.pathWords, this.signal,
      this.saturated, this.saturation);
    /** @type {Element[]} */
    this.formulas = [];
    /** @type {HTMLElement[]} */
    this.items = [];
    /** @type {HTMLElement[]} */
    this.ways = [];
    /** @type {HTMLElement[]} */
    this.words = [];
    /** @type {HTMLElement[]} */
    this.lists = [];
  }

  /** Every singular value, while somebody looks. */
  list() {
    if (!this.all.open) return;
    const lanes = this.app.session.spectrumValues();
    resize(this.lists, lanes.length, this.numbers, () => el('div', {}, el('dt'), el('dd')));
    lanes.forEach(({ name, values, words }, k) => {
      const [term, numbers] = this.lists[k]?.children ?? [];
      if (!term || !numbers) return;
      setText(term, name);
      setText(numbers, values.join(', ') || words);
    });
    this.text = lanes.map(({ name, values }) => [name, ...values].join('\t')).join('\n');
  }

  /**
   * @param {Spectrum} facts
   * @param {number} mark
   */
  say({ side }, mark) {
    setKey(this.key, mark);
    setText(this.name, side.title);
    setText(this.where, side.where);
    setText(this.spoken, side.spoken);
    resize(this.formulas, side.equations.length, this.equations, () => math(''));
    side.equations.forEach((equation, k) => {
      const node = this.formulas[k];
      if (node) patchMath(node, equation);
    });
    resize(this.items, side.verdicts.length, this.verdicts, () => el('div', {}, el('dt'), el('dd', { class: 'answer' }), el('dd')));
    side.verdicts.forEach(({ question, answer, reason }, k) => {
      const [name, short, long] = this.items[k]?.children ?? [];
      if (!name || !short || !long) return;
      setText(name, question);
      setText(short, answer);
      setText(long, unbroken(reason));
    });
    patchMath(this.symbol, side.singular.title);
    this.draw(side.singular);
    this.list();
    resize(this.ways, side.paths.length, this.paths, () => el('div', {}, el('dt'), el('dd', { class: 'length', 'aria-hidden': 'true' }, el('i')), el('dd')));
    side.paths.forEach(({ name, shown, share }, k) => {
      const [label, bar, number] = this.ways[k]?.children ?? [];
      if (!label || !bar || !number) return;
      setText(label, name);
      setText(number, shown);
      const inner = /** @type {HTMLElement | null} */ (bar.firstElementChild);
      if (inner) inner.style.width = `${(share * 100).toFixed(1)}%`;
    });
    setText(this.pathWords, unbroken(side.pathWords));
    setText(this.signal, unbroken(side.signal));
    setText(this.saturation, unbroken(side.saturation));
    this.saturated.hidden = !side.saturation;
  }

  /** @param {Spectrum['side']['singular']} singular */
  draw({ lanes, marks, one }) {
    const x = (/** @type {number} */ share) => NAMES + share * AXIS;
    const foot = lanes.length * ROW;
    const text = (/** @type {number} */ at, /** @type {number} */ y, /** @type {string} */ name, /** @type {string} */ words) => {
      const node = svg('text', { x: at, y, class: name });
      node.textContent = words;
      return node;
    };
    const lines = marks.map(([share]) => svg('path', { class: 'grid', d: `M${x(share)} 0V${foot}` }));
    const numbers = marks.map(([share, label]) => text(x(share), foot + 14, 'mark', label));
    const rows = lanes.flatMap((lane, k) => {
      const y = k * ROW;
      const d = lane.at.map((share) => `M${x(share).toFixed(1)} ${y + 6}v${ROW - 12}`).join('');
      return [
        text(0, y + ROW / 2 + 4, 'name', lane.name),
        text(NAMES - 6, y + ROW / 2 + 4, 'below', lane.below),
        svg('path', { class: `tick mark-${lane.mark}`, d }),
      ];
    });
    const unit = svg('path', { class: 'one', d: `M${x(one)} 0V${foot}` });
    setAttributes(this.axis, { width: NAMES + AXIS + 6, height: foot + 20, viewBox: `0 0 ${NAMES + AXIS + 6} ${foot + 20}` });
    this.axis.replaceChildren(...lines, unit, ...rows, ...numbers);
    resize(this.words, lanes.length, this.ticks, () => el('li'));
    lanes.forEach(({ name, words }, k) => {
      const node = this.words[k];
      if (node) setText(node, `${name}: ${words}`);
    });
  }
}

class SpectrumPart {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.figure = byId('figure', HTMLElement);
    this.inspector = byId('inspector', HTMLElement);
    /** @type {PlaneWords[]} */
    this.planes = [];
    /** @type {Gutter[]} */
    this.gutters = [];
    this.key = el('p', { class: 'spectrum-key' });
    this.symbol = math('');
    this.after = el('span');
    this.title = el('h3', { class: 'spectrum-title' }, 'Singular values of ', this.symbol, this.after);
    this.side = new Side(app);
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    const { layout, overview, session } = app;
    const places = overview.tab === 'spectrum' ? layout?.spectrum : undefined;
    const facts = places ? session.spectrum() : null;
    const count = places && facts ? places.lanes.length : 0;
    const laid = dirty.layout || this.gutters.length !== count || !this.key.isConnected;
    this.fit(count);
    if (!places || !facts || !layout) {
      for (const node of [this.key, this.title, this.side.node]) node.remove();
      return;
    }
    if (laid) this.frame(layout, facts);
    facts.lanes.forEach((said, k) => {
      const lane = overview.lanes[said.lane];
      if (!lane) return;
      for (const words of [this.planes[k], this.gutters[k]]) words?.say(lane, said, said.lane === overview.lane);
    });
    this.side.say(facts, overview.lanes[overview.lane]?.mark ?? 0);
  }

  /**
   * Makes as many words as there are lanes.
   * @param {number} count
   */
  fit(count) {
    while (this.gutters.length > count) {
      this.gutters.pop()?.node.remove();
      this.planes.pop()?.node.remove();
    }
    while (this.gutters.length < count) {
      const gutter = new Gutter(this.app);
      const plane = new PlaneWords(gutter);
      this.figure.append(plane.node, gutter.node);
      this.planes.push(plane);
      this.gutters.push(gutter);
    }
  }

  /**
   * @param {Layout} layout
   * @param {Spectrum} facts
   */
  frame(layout, facts) {
    const places = layout.spectrum;
    if (!places) return;
    facts.lanes.forEach((said, k) => {
      const [plane, place] = [places.planes[k], places.lanes[k]];
      const lane = this.app.overview.lanes[said.lane];
      if (!lane) return;
      if (plane) this.planes[k]?.place(lane, plane);
      if (place) this.gutters[k]?.place(lane, place, layout, said.lane);
    });
    for (const [node, band] of /** @type {const} */ ([[this.key, places.key], [this.title, places.title]])) {
      if (!node.isConnected) this.figure.append(node);
      node.style.top = `${band.y}px`;
    }
    setText(this.key, facts.key);
    patchMath(this.symbol, facts.product);
    setText(this.after, facts.title);
    if (!this.side.node.isConnected) this.inspector.append(this.side.node);
  }
}

/**
 * The part, with its style in force.
 * @param {App} app
 */
export async function spectrumPart(app) {
  await addStyle(new URL('./style/spectrum.css', import.meta.url));
  return new SpectrumPart(app);
}
