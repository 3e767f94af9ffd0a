// @ts-check
/** The boxes-and-arrows picture: SVG over the engine's cells, patched in place, and the gutter beside each lane. */

import { cureButton, retryButton, updateCure } from './cure.js';
import { addStyle, byId, el, resize, setAttributes, setText, svg, unbroken } from './dom.js';
import { math, patchMath } from './math.js';

/** @import { App, Dirty } from './app.js' */
/** @import { BoxPlace, BoxText, Lane, LaneScene, Layout, Line, LinkScene, NodeScene } from './engine.js' */
/** @import { Pointer } from './pointer.js' */

/** @type {Record<string, 'left' | 'right' | 'up' | 'down'>} */
const KEYS = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };

/** What can be focused and chosen; its words stand beside it. */
const BUTTON = { role: 'button', tabindex: -1 };

/**
 * Words that the engine placed.
 * @param {SVGElement} node
 * @param {BoxText} text
 */
function write(node, text) {
  setText(node, text.text);
  setAttributes(node, {
    x: text.x, y: text.y,
    class: `${text.anchor} ${text.role}${text.bold ? ' bold' : ''}${text.math ? ' symbol' : ''}`,
  });
  const size = `${text.size}px`;
  if (node.style.fontSize !== size) node.style.fontSize = size;
}

/**
 * An arrow: its shaft and its head.
 * @param {Element | undefined} shaft
 * @param {Element | undefined} head
 * @param {Line | null} line
 */
function draw(shaft, head, line) {
  if (!shaft || !head) return;
  setAttributes(shaft, { d: line?.shaft ?? '', 'stroke-width': line?.width ?? 0, class: `shaft ${line?.role ?? ''}` });
  setAttributes(head, { d: line?.head ?? '', class: `head ${line?.role ?? ''}` });
}

/** One lane: its boxes, its arrows, and what stands beside them. */
class BoxLane {
  /** @param {BoxesPart} part */
  constructor(part) {
    this.part = part;
    this.app = part.app;
    this.index = 0;
    this.name = el('b');
    this.spec = el('span');
    this.head = el('button', { type: 'button', class: 'lane-head' }, this.name, ' ', this.spec);
    this.head.addEventListener('click', () => this.choose());
    this.fold = el('button', { type: 'button', class: 'fold-boxes' }, el('span', { class: 'vh' }));
    this.fold.addEventListener('click', () => {
      this.app.change((session) => session.toggleRow(this.index, 'boxes'), { experiment: true });
    });
    this.number = el('b');
    this.verdict = el('span');
    this.cure = cureButton(this.app, () => this.index);
    this.retry = retryButton(this.app, () => this.index);
    this.gauge = el('div', { class: 'gauge' }, el('div', { class: 'mend' }, this.retry, this.cure), this.number, this.verdict);
    this.gutter = el('section', { class: 'gutter boxes' }, el('div', { class: 'bar' }), this.head, this.fold, this.gauge);
    /** @type {HTMLElement[]} */
    this.symbols = [];
    this.nodeGroup = svg('g');
    this.linkGroup = svg('g');
    this.root = svg('g', {}, this.nodeGroup, this.linkGroup);
    /** @type {SVGElement[]} */
    this.nodes = [];
    /** @type {SVGElement[]} */
    this.links = [];
    this.root.addEventListener('focusin', (event) => this.focused(event));
    this.root.addEventListener('focusout', () => this.part.pointer?.show(null));
    this.root.addEventListener('keydown', (event) => this.key(event));
    this.root.addEventListener('click', (event) => this.take(event));
  }

  /** Makes this the lane that the inspector and the keys speak of. */
  choose() {
    const { overview } = this.app;
    const lane = overview.lanes[this.index];
    if (lane) this.app.select(this.index, 'h', Math.min(overview.unit, lane.hidden - 1), overview.pinned);
  }

  /** The outlines of nodes, then the shafts of links: what the arrow keys walk along. */
  get items() {
    return [...this.nodes, ...this.links].map((group) => /** @type {SVGElement} */ (group.firstElementChild));
  }

  /**
   * The number of the item that an event is about; −1 is none.
   * @param {Event} event
   */
  at(event) {
    return event.target instanceof SVGElement ? this.items.indexOf(event.target) : -1;
  }

  /** @param {Event} event */
  focused(event) {
    const at = this.at(event);
    if (at < 0) return;
    this.part.rove(this.items[at]);
    this.part.pointer?.show(this.app.session.boxesItem(this.index, at));
    this.app.schedule();
  }

  /** @param {Event} event */
  take(event) {
    const pick = this.app.session.boxesItem(this.index, this.at(event));
    if (pick) this.part.pointer?.take(pick, pick.t, event);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.at(event);
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.take(event);
      return;
    }
    const way = KEYS[event.key];
    if (!way || at < 0) return;
    event.preventDefault();
    const to = this.walks?.[at]?.[way];
    if (typeof to === 'number') this.items[to]?.focus();
  }

  /**
   * @param {Lane} lane
   * @param {BoxPlace} place
   * @param {Layout} layout
   * @param {number} index
   */
  place(lane, place, layout, index) {
    this.index = index;
    this.walks = place.walks;
    const phone = layout.axis.x0 <= 60;
    const { style } = this.gutter;
    style.transform = `translateY(${place.y}px)`;
    style.height = `${place.height}px`;
    style.width = `${phone ? layout.width : layout.axis.x0}px`;
    setAttributes(this.gutter, { 'aria-label': lane.name });
    setText(this.name, lane.name);
    setText(this.spec, lane.spec);
    this.head.title = `Choose this lane: ${[lane.spec, lane.facts].filter(Boolean).join('; ')}`;
    const folded = place.strip !== null;
    this.gutter.classList.toggle('folded-boxes', folded);
    setAttributes(this.fold, { 'aria-expanded': String(!folded), title: folded ? 'Show the boxes' : 'Fold the boxes' });
    setText(this.fold.firstElementChild ?? this.fold, `Boxes of ${lane.name}`);
    this.fold.hidden = phone;
    this.gutter.dataset['lines'] = folded || phone ? '1' : '2';
    setText(this.number, lane.gauge.shown);
    setText(this.verdict, unbroken(lane.gauge.verdict));
    updateCure(this.cure, this.retry, lane, !phone && !folded);
    this.gauge.title = `${lane.gauge.what}: ${lane.gauge.full}`;
    resize(this.symbols, place.symbols.length, this.gutter, () => el('div', { class: 'row-label', 'aria-hidden': 'true' }, math('')));
    place.symbols.forEach(({ label, y }, k) => {
      const node = this.symbols[k];
      const shown = node?.firstElementChild;
      if (!node || !shown) return;
      patchMath(shown, label);
      node.style.top = `${y - place.y - 10}px`;
      node.style.right = phone ? `${layout.width - layout.axis.x0 + 2}px` : '12px';
    });
    resize(this.nodes, place.nodes.length, this.nodeGroup, () => svg('g', {}, svg('rect', BUTTON)));
    resize(this.links, place.links.length, this.linkGroup, () =>
      svg('g', {}, svg('path', BUTTON), svg('path'), svg('path'), svg('path'), svg('text')));
    place.nodes.forEach(({ area, kind }, k) => {
      const rect = this.nodes[k]?.firstElementChild;
      if (rect) setAttributes(rect, { ...area, rx: kind === 'cell' ? 4 : 2, class: `frame ${kind}` });
    });
  }

  /**
   * @param {LaneScene} scene
   * @param {number} mark
   * @param {boolean} chosen
   */
  say(scene, mark, chosen) {
    setAttributes(this.root, { class: `mark-${mark}` });
    const folded = this.gutter.classList.contains('folded-boxes') ? ' folded-boxes' : '';
    setAttributes(this.gutter, { class: `gutter boxes mark-${mark}${chosen ? ' chosen' : ''}${folded}` });
    setAttributes(this.head, { 'aria-pressed': String(chosen) });
    scene.nodes.forEach((node, k) => this.sayNode(node, this.nodes[k]));
    scene.links.forEach((link, k) => this.sayLink(link, this.links[k]));
  }

  /**
   * @param {NodeScene} scene
   * @param {SVGElement | undefined} node
   */
  sayNode(scene, node) {
    const rect = node?.firstElementChild;
    if (!node || !rect) return;
    setAttributes(rect, { 'aria-label': scene.name, 'stroke-width': scene.width });
    rect.classList.toggle('now', scene.role === 'ink');
    const texts = /** @type {SVGElement[]} */ ([...node.children].slice(1));
    resize(texts, scene.texts.length, node, () => svg('text'));
    scene.texts.forEach((text, k) => { const shown = texts[k]; if (shown) write(shown, text); });
  }

  /**
   * @param {LinkScene} scene
   * @param {SVGElement | undefined} node
   */
  sayLink(scene, node) {
    if (!node) return;
    const [shaft, head, back, backHead, number] = node.children;
    if (shaft) setAttributes(shaft, { 'aria-label': scene.name });
    draw(shaft, head, scene.line);
    draw(back, backHead, scene.back);
    if (!(number instanceof SVGElement)) return;
    if (scene.number) write(number, scene.number);
    else setText(number, '');
  }

  remove() {
    this.gutter.remove();
    this.root.remove();
  }
}

export class BoxesPart {
  /**
   * @param {App} app
   * @param {Pointer | null} pointer
   */
  constructor(app, pointer) {
    this.app = app;
    this.pointer = pointer;
    this.figure = byId('figure', HTMLElement);
    this.root = svg('svg', { class: 'boxes', role: 'group', 'aria-label': 'Boxes and arrows; the arrow keys walk along the arrows' });
    /** @type {BoxLane[]} */
    this.lanes = [];
    /** What the tab key reaches. @type {SVGElement | null} */
    this.stop = null;
  }

  /**
   * Makes one item the one that the tab key reaches.
   * @param {SVGElement | undefined} item
   */
  rove(item) {
    if (!item || item === this.stop) return;
    if (this.stop) setAttributes(this.stop, { tabindex: -1 });
    setAttributes(item, { tabindex: 0 });
    this.stop = item;
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    const { layout, overview, session } = app;
    const places = layout?.boxes ?? [];
    while (this.lanes.length > places.length) this.lanes.pop()?.remove();
    if (!layout?.boxes) {
      this.root.remove();
      return;
    }
    if (!this.root.isConnected) this.figure.append(this.root);
    let laid = dirty.layout;
    while (this.lanes.length < places.length) {
      const lane = new BoxLane(this);
      this.figure.insertBefore(lane.gutter, this.root);
      this.root.append(lane.root);
      this.lanes.push(lane);
      laid = true;
    }
    const scenes = session.boxes();
    this.lanes.forEach((lane, k) => {
      const [words, place, scene] = [overview.lanes[k], places[k], scenes[k]];
      if (!words || !place || !scene) return;
      if (laid) lane.place(words, place, layout, k);
      lane.say(scene, words.mark, k === overview.lane);
    });
    if (!this.stop?.isConnected) {
      this.stop = null;
      this.rove(this.lanes.flatMap((lane) => lane.items).at(0));
    }
  }
}

/**
 * What draws boxes and arrows.
 * @param {App} app
 * @param {Pointer | null} pointer
 */
export async function boxesPart(app, pointer) {
  await addStyle(new URL('./style/boxes.css', import.meta.url));
  return new BoxesPart(app, pointer);
}
