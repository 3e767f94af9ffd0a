// @ts-check
/** The update figure: name and gauge beside each lane, lines over the maps, symbols of the blocks, sentences. */

import { addStyle, byId, el, resize, setAttributes, setText, svg, unbroken } from './dom.js';
import { LaneGutter } from './lane-gutter.js';
import { math, patchMath } from './math.js';

/** @import { App, Dirty } from './app.js' */
/** @import { Area, Lane, Setting, UpdateLane, UpdatePlace } from './engine.js' */

/**
 * @param {HTMLElement} node
 * @param {Area} area
 */
function put(node, area) {
  node.style.transform = `translate(${area.x}px, ${area.y}px)`;
  node.style.width = `${area.width}px`;
  node.hidden = area.width === 0;
}

/** What belongs to one lane. */
class Beside extends LaneGutter {
  /** @param {App} app */
  constructor(app) {
    super(app, 'update');
    this.sentences = [0, 1, 2].map(() => el('p', { class: 'sentence' }));
    /** @type {HTMLElement[]} */
    this.blocks = [];
    /** @type {MathMLElement[]} */
    this.symbols = [];
  }

  /** @param {HTMLElement} figure */
  enter(figure) {
    figure.append(this.node, ...this.sentences);
  }

  leave() {
    for (const node of [this.node, ...this.sentences, ...this.blocks]) node.remove();
  }

  /**
   * @param {Lane} lane
   * @param {UpdatePlace} place
   * @param {UpdateLane} facts
   * @param {number} index
   */
  place(lane, place, facts, index) {
    const layout = this.app.layout;
    if (!layout) return;
    const phone = this.stand(lane, place, layout, index);
    setText(this.number, facts.shown);
    setText(this.words, facts.words);
    this.gauge.title = facts.full;
    this.gauge.style.top = phone ? '' : this.app.present ? '56px' : '44px';
    this.sentences.forEach((node, k) => {
      const area = place.words[k];
      if (area) put(node, area);
      setText(node, unbroken(facts.sentences[k] ?? ''));
    });
    const figure = this.node.parentElement;
    if (!figure) return;
    resize(this.blocks, place.blocks.length, figure, (k) => {
      const symbol = math('');
      this.symbols[k] = symbol;
      return el('div', { class: 'block-name', 'aria-hidden': 'true' }, symbol);
    });
    place.blocks.forEach((area, k) => {
      const [node, symbol, name] = [this.blocks[k], this.symbols[k], facts.blocks[k]];
      if (!node || !symbol || name === undefined) return;
      patchMath(symbol, name);
      node.style.transform = `translate(${area.x - 46}px, ${area.y + area.height / 2 - 9}px)`;
      node.style.fontSize = `${Math.min(15, area.height - 3)}px`;
    });
  }
}

export class UpdatePart {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.figure = byId('figure', HTMLElement);
    this.lines = svg('svg', { class: 'strokes', 'aria-hidden': 'true' });
    /** @type {SVGPathElement[]} */
    this.paths = [];
    /** @type {Beside[]} */
    this.lanes = [];
    /** @type {HTMLInputElement[]} */
    this.radios = [];
    this.ways = el('span', { class: 'seg' });
    this.clip = el('fieldset', { class: 'losses clip' }, el('legend', {}, 'clip'), this.ways);
    /** The lane that was scrolled to. */
    this.seen = -1;
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    const { layout, overview, session } = app;
    const shown = overview.tab === 'update' ? layout?.update : null;
    const count = shown ? shown.lanes.length : 0;
    while (this.lanes.length > count) this.lanes.pop()?.leave();
    if (!shown) {
      this.lines.remove();
      this.clip.remove();
      this.seen = -1;
      return;
    }
    let laid = dirty.layout;
    while (this.lanes.length < count) {
      const lane = new Beside(app);
      lane.enter(this.figure);
      this.lanes.push(lane);
      laid = true;
    }
    if (!this.clip.isConnected) byId('show-table', HTMLButtonElement).before(this.clip);
    const clip = app.settings.find(({ key }) => key === 'clip');
    // The settings may come after the picture.
    if (!this.radios.length) this.choose(clip?.options ?? []);
    for (const radio of this.radios) radio.checked = radio.value === clip?.value;
    if (laid) this.frame(shown.lanes);
    overview.lanes.forEach((lane, k) => this.lanes[k]?.mark(lane.mark, k === overview.lane));
    // Where not all lanes fit, the chosen one comes into view.
    if (this.seen !== overview.lane && this.seen >= 0) this.lanes[overview.lane]?.node.scrollIntoView({ block: 'nearest' });
    this.seen = overview.lane;
  }

  /**
   * Offers the ways of clipping.
   * @param {Setting['options']} options
   */
  choose(options) {
    const { app } = this;
    this.radios = options.map(({ value }) => el('input', { type: 'radio', name: 'clip-all', value }));
    this.ways.replaceChildren(...options.map(({ label }, k) => el('label', {}, this.radios[k] ?? '', label)));
    for (const radio of this.radios) {
      radio.addEventListener('change', (event) => {
        app.change((session) => session.set('clip', radio.value), { experiment: true, remember: 'push', event });
      });
    }
  }

  /** @param {UpdatePlace[]} places */
  frame(places) {
    const { app } = this;
    const facts = app.session.update();
    if (!facts) return;
    places.forEach((place, k) => {
      const [lane, of] = [app.overview.lanes[k], facts.lanes[k]];
      if (lane && of) this.lanes[k]?.place(lane, place, of, k);
    });
    if (!this.lines.isConnected) {
      const labels = this.figure.querySelector('svg.labels');
      if (labels) labels.before(this.lines);
      else this.figure.append(this.lines);
    }
    resize(this.paths, facts.strokes.length, this.lines, () => svg('path'));
    facts.strokes.forEach(({ path, ink, filled, taken }, k) => {
      const node = this.paths[k];
      if (node) setAttributes(node, { d: path, class: `${ink}${filled ? ' filled' : ''}${taken ? ' taken' : ''}` });
    });
  }
}

/**
 * What draws the update.
 * @param {App} app
 */
export async function updatePart(app) {
  await addStyle(new URL('./style/update.css', import.meta.url));
  return new UpdatePart(app);
}
