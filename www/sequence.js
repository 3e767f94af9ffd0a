// @ts-check
/** The rows of words along the time axis: inputs, targets, each lane's outputs, and the axis itself. */

import { byId, resize, setAttributes, setText, svg } from './dom.js';

/** @import { App, Dirty } from './app.js' */
/** @import { Band, Layout } from './engine.js' */

/** Room that one upright letter, one small letter and one turned line need, px. */
const LETTER = 7.6;
const SMALL = 6;
const LINE = 12.5;

/** One row of texts, one per column; where columns are narrow, every n-th. */
class Row {
  /**
   * @param {SVGGElement} parent
   * @param {boolean} last where words are left out: whether the last one stays, or the first
   */
  constructor(parent, last = false) {
    this.last = last;
    this.group = svg('g');
    parent.append(this.group);
    /** @type {SVGTextElement[]} */
    this.texts = [];
    /** @type {SVGPathElement[]} */
    this.marks = [];
    this.every = 1;
    this.near = 1;
    this.letters = false;
    this.now = 0;
  }

  /**
   * @param {Layout} layout
   * @param {Band | null} band
   * @param {(string | null)[]} words
   * @param {(boolean | null)[]} right whether each is right; null where there is nothing to be right about
   */
  lay(layout, band, words, right = []) {
    const count = band ? words.length : 0;
    resize(this.texts, count, this.group, () => svg('text'));
    const { x0, column } = layout.axis;
    const longest = words.reduce((most, word) => Math.max(most, word?.length ?? 0), 1);
    const dense = longest === 1 && column < LETTER;
    const width = longest === 1 ? (dense ? SMALL : LETTER) : longest * 6.9;
    const turned = longest > 1 && width + 3 > column && (band?.height ?? 0) >= 36;
    this.every = Math.max(1, Math.ceil((turned ? LINE : longest > 1 ? width + 8 : width) / column));
    this.near = this.every;
    this.letters = longest === 1;
    this.now = 0;
    const marked = right.length > 0 && band;
    words.forEach((word, k) => {
      const node = this.texts[k];
      if (!node || !band) return;
      const x = x0 + (k + 0.5) * column - 0.5;
      const y = band.y + band.height;
      setText(node, word ?? '');
      const baseline = marked ? y - 6.5 : band.height < 24 ? y - (band.height - 9) / 2 : y - 8;
      setAttributes(node, turned
        ? { transform: `translate(${x + 4.2} ${y - 6}) rotate(-90)`, x: null, y: null, class: 'turned' }
        : { transform: null, x, y: baseline, class: longest > 1 ? '' : dense ? 'upright dense' : 'upright' });
      node.classList.toggle('off', this.skips(k));
    });
    this.layMarks(layout, band, right);
  }

  /**
   * Whether there is no room for word k. Letters that are left out here and there would be a false
   * text: then only the present one shows, and the text runs above the figure.
   * @param {number} k
   */
  skips(k) {
    if (this.every === 1) return false;
    if (this.letters) return !this.last || k !== this.texts.length - 1;
    return (this.last ? this.texts.length - 1 - k : k) % this.every !== 0;
  }

  /**
   * What is right is bold and has a bar under it; where much is wrong, the row stays calm.
   * @param {Layout} layout
   * @param {Band | null} band
   * @param {(boolean | null)[]} right
   */
  layMarks(layout, band, right) {
    right.forEach((is, k) => {
      this.texts[k]?.classList.toggle('right', is === true);
      this.texts[k]?.classList.toggle('wrong', is === false);
    });
    const shown = band ? right.map((is, k) => ({ is, k })).filter(({ is }) => is) : [];
    resize(this.marks, shown.length, this.group, () => svg('path'));
    const { x0, column } = layout.axis;
    shown.forEach(({ k }, n) => {
      const node = this.marks[n];
      if (!node || !band) return;
      const x = x0 + (k + 0.5) * column - 0.5;
      const y = band.y + band.height - 2.5;
      const r = Math.min(3, column / 2 - 1);
      setAttributes(node, { class: 'hit', d: `M${x - r} ${y}h${2 * r}` });
    });
  }

  /**
   * Writes step t in bold, and makes room for it.
   * @param {number} t
   */
  light(t) {
    if (t === this.now) return;
    const show = (/** @type {number} */ at, /** @type {boolean} */ lit) => {
      for (let k = Math.max(0, at - this.near); k <= Math.min(this.texts.length - 1, at - 2 + this.near); k++) {
        const node = this.texts[k];
        const is = lit && k === at - 1;
        node?.classList.toggle('now', is);
        node?.classList.toggle('off', is ? false : (lit && this.every > 1) || this.skips(k));
      }
    };
    if (this.now) show(this.now, false);
    show(t, true);
    this.now = t;
  }
}

export class Sequence {
  constructor() {
    this.root = svg('svg', { class: 'words', 'aria-hidden': 'true' });
    this.reader = byId('reader', HTMLElement);
    this.inputs = new Row(this.root.appendChild(svg('g', { class: 'inputs' })));
    this.targets = new Row(this.root.appendChild(svg('g')), true);
    this.axis = new Row(this.root.appendChild(svg('g')));
    this.ticks = this.root.appendChild(svg('path', { class: 'tick' }));
    this.lanes = this.root.appendChild(svg('g'));
    /** @type {Row[]} */
    this.outputs = [];
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    const { layout, overview } = app;
    if (!layout) return;
    if (!this.root.isConnected) byId('figure', HTMLElement).append(this.root);
    if (dirty.layout) this.lay(app, layout);
    for (const row of [this.inputs, this.targets, this.axis, ...this.outputs]) row.light(overview.t);
    this.read(app);
  }

  /**
   * @param {App} app
   * @param {Layout} layout
   */
  lay(app, layout) {
    const { overview } = app;
    this.inputs.lay(layout, layout.inputs, overview.inputs);
    this.targets.lay(layout, layout.targets, overview.targets);
    while (this.outputs.length > layout.lanes.length) this.outputs.pop()?.group.remove();
    while (this.outputs.length < layout.lanes.length) this.outputs.push(new Row(this.lanes, true));
    layout.lanes.forEach((place, k) => {
      const outputs = overview.lanes[k]?.outputs ?? [];
      this.outputs[k]?.lay(layout, place.outputs, outputs.map((output) => output?.shown ?? null), outputs.map((output) => output?.right ?? null));
    });
    this.layAxis(layout);
  }

  /** @param {Layout} layout */
  layAxis(layout) {
    const { axis, ticks, tickLabels } = layout;
    const numbers = Array.from({ length: axis.steps }, (_, k) => (k < axis.encoder ? String(k + 1) : `${k + 1 - axis.encoder}′`));
    this.axis.lay(layout, { y: ticks.y, height: Math.min(22, ticks.height) }, numbers);
    const shown = new Set(tickLabels);
    this.axis.texts.forEach((node, k) => node.classList.toggle('off', !shown.has(k + 1)));
    this.axis.light = (t) => {
      const { texts, now } = this.axis;
      if (t === now) return;
      const room = 24 / axis.column;
      texts.forEach((node, k) => {
        const is = k + 1 === t;
        node.classList.toggle('now', is);
        node.classList.toggle('off', !is && (!shown.has(k + 1) || Math.abs(k + 1 - t) < room));
      });
      this.axis.now = t;
    };
    const x = (/** @type {number} */ t) => axis.x0 + (t - 0.5) * axis.column - 0.5;
    this.ticks.setAttribute('d', tickLabels.map((t) => `M${Math.round(x(t)) + 0.5} ${ticks.y}v4`).join(''));
  }

  /**
   * Where columns are too narrow for letters, the text runs as text, the present letter marked: on a
   * phone all of it, else as much as one line holds.
   * @param {App} app
   */
  read(app) {
    const { data, inputs, t, practice } = app.overview;
    // Where every letter has its column, the row says it already.
    const shown = data.categorical && this.inputs.every > 1 && !practice?.pixels.length;
    this.reader.hidden = !shown;
    if (!shown) return;
    const [before, now, after] = this.reader.children;
    // Words are parted; the space between letters is a letter of its own.
    const gap = inputs.some((word) => word.length > 1) ? ' ' : '';
    const plain = (/** @type {string[]} */ letters) => letters.join(gap).replace(/␣/g, ' ');
    if (before && now && after) {
      const around = (app.layout?.axis.x0 ?? 0) > 60 ? 36 : Infinity;
      // Blanks at the ends keep the present letter in the middle.
      const pad = (/** @type {string} */ text, /** @type {boolean} */ end) =>
        around === Infinity ? text : end ? text.padEnd(around) : text.padStart(around);
      setText(before, pad(plain(inputs.slice(Math.max(0, t - 1 - around), t - 1)) + gap, false));
      setText(now, inputs[t - 1] ?? '');
      setText(after, pad(gap + plain(inputs.slice(t, t + around)), true));
    }
  }
}
