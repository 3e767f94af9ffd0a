// @ts-check
/** Lanes that learn: runs their epochs beside the page's frames, and says how each fares on what was held out. */

import { addStyle, el, resize, setAttributes, setText, svg } from './dom.js';
import { key, setKey } from './marks.js';

/** @import { App, Dirty, Part } from './app.js' */
/** @import { Layout, Practice } from './engine.js' */

/** Time for learning in one frame, and between two pictures of what was learnt, ms. */
const SLICE = 12;
const PICTURES = 150;

/** @implements {Part} */
class PracticePart {
  /**
   * @param {App} app
   * @param {HTMLElement} node
   */
  constructor(app, node) {
    this.app = app;
    this.node = node;
    this.frame = 0;
    this.shown = 0;
    this.was = false;
    this.told = false;
    this.image = svg('svg', { class: 'image', viewBox: '0 0 8 8', role: 'img' });
    this.words = el('span');
    this.stop = el('button', { type: 'button', class: 'edged' }, 'Stop');
    this.stop.addEventListener('click', () => this.halt());
    this.bar = el('progress', { max: 1, 'aria-label': 'Learning' });
    this.learning = el('div', { class: 'learning', hidden: true }, this.words, this.stop, this.bar);
    this.list = el('ul', { class: 'fares' });
    this.said = el('p', { class: 'vh', role: 'status' });
    this.head = el('h3', {}, 'Right, of what was held out');
    node.append(this.image, this.learning, this.head, this.list, this.said);
    /** @type {HTMLLIElement[]} */
    this.items = [];
    this.pixels = svg('g', { class: 'pixels' });
  }

  /** What was learnt until now stays. */
  halt() {
    this.app.change((session) => session.learnStop(), { experiment: true, remember: 'push' });
    document.getElementById('epochs')?.focus();
  }

  /** Learns for a part of a frame; the picture follows a few times a second. */
  learn() {
    this.frame = 0;
    const { session } = this.app;
    const end = performance.now() + SLICE;
    let state = session.learnAdvance();
    while (state === 'under way' && performance.now() < end) state = session.learnAdvance();
    if (state === 'epoch' && performance.now() - this.shown > PICTURES) {
      this.shown = performance.now();
      this.app.change(() => session.learnShow(), { experiment: true, remember: 'none' });
    } else if (state !== 'done') {
      this.schedule();
    }
  }

  schedule() {
    this.frame ||= requestAnimationFrame(() => this.learn());
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    const { practice } = app.overview;
    if (dirty.layout) this.draw(app, practice?.pixels ?? []);
    if (practice?.underWay) this.schedule();
    if (!practice || (this.told && !dirty.experiment)) return;
    this.told = true;
    this.learning.hidden = !practice.underWay;
    setText(this.words, practice.progressWords);
    this.bar.value = practice.progress;
    this.fares(practice);
    if (this.was && !practice.underWay) setText(this.said, practice.lanes.map(({ words }) => words).join(' '));
    this.was = practice.underWay;
  }

  /** @param {Practice} practice */
  fares(practice) {
    const { lanes } = this.app.overview;
    resize(this.items, practice.lanes.length, this.list, () => el('li', {}, key(), el('span'), el('b'), el('i')));
    practice.lanes.forEach(({ shown, words, share }, k) => {
      const lane = lanes[k];
      const item = this.items[k];
      const [sign, name, number, bar] = item?.children ?? [];
      if (!lane || !item || !(sign instanceof SVGSVGElement) || !name || !number || !(bar instanceof HTMLElement)) return;
      setKey(sign, lane.mark);
      setText(name, lane.name);
      setText(number, shown);
      bar.style.setProperty('--share', `${share * 100}%`);
      item.title = words;
    });
  }

  /**
   * The whole image in the panel, and each of its rows over the step that reads it.
   * @param {App} app
   * @param {number[][]} rows
   */
  draw(app, rows) {
    const { layout, overview } = app;
    setAttributes(this.image, { hidden: rows.length ? null : '', 'aria-label': `The image of example ${overview.practice?.example ?? 0}` });
    this.image.replaceChildren(...rows.flatMap((row, y) => row.map((ink, x) => pixel(x, y, 1, ink))));
    const byStep = rows.length === overview.T && overview.T > 1;
    document.documentElement.toggleAttribute('data-pixels', byStep);
    const strip = document.querySelector('.words');
    if (!strip || !layout) return;
    strip.append(this.pixels);
    this.pixels.replaceChildren(...(byStep ? steps(layout, rows) : []));
  }
}

/**
 * @param {Layout} layout
 * @param {number[][]} rows
 */
function steps({ axis: { x0, column }, inputs }, rows) {
  const size = Math.max(2, Math.min(Math.floor((column - 3) / 8), inputs.height - 6));
  return rows.flatMap((row, t) => {
    const left = x0 + t * column + (column - 1 - 8 * size) / 2;
    const top = inputs.y + inputs.height - size - 4;
    return [
      svg('rect', { x: left - 0.5, y: top - 0.5, width: 8 * size + 1, height: size + 1, class: 'frame' }),
      ...row.map((ink, k) => pixel(left + k * size, top, size, ink)),
    ];
  });
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {number} ink share of black
 */
function pixel(x, y, size, ink) {
  return svg('rect', { x, y, width: size, height: size, fill: 'currentColor', 'fill-opacity': ink.toFixed(4) });
}

/**
 * @param {App} app
 * @param {HTMLElement} node
 * @returns {Promise<Part>}
 */
export async function practicePart(app, node) {
  await addStyle(new URL('./style/practice.css', import.meta.url));
  return new PracticePart(app, node);
}
