// @ts-check
/** The lane list: add, remove, reorder by hand or by button, and what a lane has of its own. */

import { chooser } from './controls.js';
import { cureButton, retryButton, updateCure } from './cure.js';
import { byId, el, resize, setAttributes, setText, svg, unbroken } from './dom.js';
import { Field } from './field.js';
import { key, setKey } from './marks.js';

/** @import { App, Dirty } from './app.js' */
/** @import { Lane } from './engine.js' */

/** The most lanes there can be. */
const MOST = 6;
let ids = 0;

/** One lane of the list. */
class Item {
  /** @param {LaneList} list */
  constructor(list) {
    this.list = list;
    this.id = `lane-${++ids}`;
    this.index = 0;
    /** @type {Field[]} */
    this.fields = [];
    /** @type {HTMLButtonElement[]} */
    this.follows = [];
    this.key = key();
    this.handle = el('span', { class: 'handle', title: 'Drag to reorder' }, this.key);
    this.name = el('b');
    this.spec = el('i');
    this.facts = el('small');
    this.cure = cureButton(list.app, () => this.index);
    this.retry = retryButton(list.app, () => this.index);
    this.open = this.icon('chevron', 'M.5.5 4 4 7.5.5', 8, 5, () => this.toggle());
    setAttributes(this.open, { 'aria-expanded': 'false', 'aria-controls': this.id });
    this.remove = this.icon('', 'M1 1l7 7m0-7l-7 7', 9, 9, () => list.remove(this));
    this.up = this.act('Move up', () => list.move(this, -1));
    this.down = this.act('Move down', () => list.move(this, 1));
    this.copy = this.act('Duplicate', () => list.duplicate(this));
    this.costs = this.act('Facts', () => void this.showFacts());
    this.costs.setAttribute('aria-expanded', 'false');
    /** @type {Lane | null} */
    this.lane = null;
    /** @type {import('./facts.js').FactsPanel | null} */
    this.panel = null;
    this.own = el('div', { class: 'own', id: this.id, hidden: true }, el('div', { class: 'acts' }, this.costs, this.up, this.down, this.copy, this.retry, this.cure));
    this.node = el('li', {},
      el('div', { class: 'lane-line' }, this.handle, el('div', { class: 'lane-words' }, this.name, ' ', this.spec), this.open, this.remove, this.facts),
      this.own);
    this.handle.addEventListener('pointerdown', (event) => list.drag(this, event));
  }

  /**
   * @param {string} kind
   * @param {string} d
   * @param {number} width
   * @param {number} height
   * @param {() => void} work
   */
  icon(kind, d, width, height, work) {
    const path = svg('path', { d, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.3 });
    const button = el('button', { type: 'button', class: 'icon' }, svg('svg', { width, height, 'aria-hidden': 'true', class: kind ? 'caret' : '' }, path));
    button.addEventListener('click', work);
    return button;
  }

  /**
   * @param {string} text
   * @param {() => void} work
   */
  act(text, work) {
    const button = el('button', { type: 'button' }, text);
    button.addEventListener('click', work);
    return button;
  }

  /** Opens or closes what the lane has of its own. */
  toggle() {
    this.own.hidden = !this.own.hidden;
    if (this.lane) this.updateFields(this.lane);
    this.open.setAttribute('aria-expanded', String(!this.own.hidden));
  }

  /** Shows or hides what the model costs; what draws it is loaded when it is first asked for. */
  async showFacts() {
    if (this.panel) {
      this.panel.node.remove();
      this.panel = null;
    } else {
      const { FactsPanel } = await import('./facts.js');
      if (this.panel) return;
      this.panel = new FactsPanel(this.list.app);
      this.own.append(this.panel.node);
      this.panel.update(this.index);
    }
    this.costs.setAttribute('aria-expanded', String(this.panel !== null));
  }

  /**
   * @param {Lane} lane
   * @param {number} index
   * @param {number} count
   */
  update(lane, index, count) {
    this.index = index;
    setKey(this.key, lane.mark);
    this.own.className = `own mark-${lane.mark}`;
    setText(this.name, lane.name);
    // A value stays beside its name.
    setText(this.spec, unbroken(lane.spec).replace(/ (?=[+−]?[\d.]+(,|$))/g, '\u00a0'));
    setText(this.facts, lane.facts);
    this.spec.title = lane.spec;
    setAttributes(this.open, { 'aria-label': `Settings of ${lane.name}`, title: `Settings of ${lane.name}` });
    setAttributes(this.remove, { 'aria-label': `Remove ${lane.name}`, title: `Remove ${lane.name}` });
    updateCure(this.cure, this.retry, lane, true, true);
    this.remove.hidden = count === 1;
    this.up.hidden = index === 0;
    this.down.hidden = index === count - 1;
    this.copy.hidden = count >= MOST;
    for (const [button, what] of /** @type {const} */ ([[this.costs, 'Facts'], [this.up, 'Move up'], [this.down, 'Move down'], [this.copy, 'Duplicate']])) {
      button.setAttribute('aria-label', `${what}: ${lane.name}`);
    }
    this.lane = lane;
    this.updateFields(lane);
  }

  /**
   * What is closed is filled when it is opened.
   * @param {Lane} lane
   */
  updateFields(lane) {
    if (this.own.hidden) return;
    this.panel?.update(this.index);
    const { app } = this.list;
    const settings = lane.settings.filter((setting) => setting.applies);
    const fit = this.fields.length === settings.length && settings.every((setting, k) => this.fields[k]?.fits(setting));
    if (!fit) {
      for (const field of this.fields) field.node.remove();
      this.fields = settings.map((setting) => new Field(setting, this.id, (...args) => chooser(app, this.index)(...args)));
      this.follows = this.fields.map((field, k) => {
        const button = el('button', { type: 'button', class: 'follow' }, 'Follow all lanes');
        button.setAttribute('aria-label', `${settings[k]?.label ?? ''}: follow all lanes`);
        button.addEventListener('click', () => {
          app.change((session) => session.reset(field.key, this.index), { experiment: true, remember: 'push' });
          field.inputs[0]?.focus();
        });
        field.node.append(button);
        return button;
      });
      this.own.prepend(...this.fields.map((field) => field.node));
    }
    settings.forEach((setting, k) => {
      this.fields[k]?.update(setting);
      const follow = this.follows[k];
      if (follow) follow.hidden = !(setting.key in lane.own);
    });
  }
}

export class LaneList {
  early = true;

  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.root = byId('lanes', HTMLOListElement);
    this.adder = byId('add', HTMLElement);
    this.full = byId('full', HTMLElement);
    this.window = el('button', { type: 'button', 'data-cell': 'ann', 'aria-label': 'Add an ANN lane' }, 'ANN');
    this.adder.append(this.window);
    /** @type {Item[]} */
    this.items = [];
    this.adder.addEventListener('click', (event) => {
      const cell = event.target instanceof Element ? event.target.closest('button')?.dataset['cell'] : undefined;
      if (!cell) return;
      this.change((session) => session.addLane(cell));
      if (this.app.session.overview().lanes.length >= MOST) {
        app.draw();
        this.items.at(-1)?.open.focus();
      }
    });
  }

  /**
   * @param {(session: import('./engine.js').Session) => void} work
   * @param {() => void} [done]
   */
  change(work, done) {
    this.app.change(work, { experiment: true, remember: 'push', ...(done ? { done } : {}) });
  }

  /** @param {Item} item */
  remove(item) {
    this.change((session) => session.removeLane(item.index), () => {
      this.items.splice(this.items.indexOf(item), 1);
      item.node.remove();
      (this.items[Math.min(item.index, this.items.length - 1)]?.open)?.focus();
    });
  }

  /** @param {Item} item */
  duplicate(item) {
    this.change((session) => session.duplicateLane(item.index), () => {
      const made = new Item(this);
      this.items.splice(item.index + 1, 0, made);
      item.node.after(made.node);
    });
  }

  /**
   * @param {Item} item
   * @param {number} by
   */
  move(item, by) {
    const focus = document.activeElement;
    this.moveTo(item, item.index + by);
    this.app.draw();
    if (focus instanceof HTMLElement && item.node.contains(focus)) (focus.hidden ? item.open : focus).focus();
  }

  /**
   * @param {Item} item
   * @param {number} to
   */
  moveTo(item, to) {
    const from = item.index;
    if (to === from || to < 0 || to >= this.items.length) return;
    this.change((session) => session.moveLane(from, to), () => {
      this.items.splice(to, 0, ...this.items.splice(from, 1));
      this.root.insertBefore(item.node, this.items[to + 1]?.node ?? null);
    });
  }

  /**
   * Reorders by hand: a line shows where the lane would come to stand.
   * @param {Item} item
   * @param {PointerEvent} start
   */
  drag(item, start) {
    if (start.button !== 0 || this.items.length < 2) return;
    start.preventDefault();
    const { handle } = item;
    handle.setPointerCapture(start.pointerId);
    let to = item.index;
    const clear = () => { for (const { node } of this.items) node.classList.remove('moving', 'before', 'after'); };
    /** @param {PointerEvent} event */
    const move = (event) => {
      clear();
      item.node.classList.add('moving');
      const passed = this.items.filter(({ node }) => {
        const box = node.getBoundingClientRect();
        return event.clientY > box.top + box.height / 2;
      }).length;
      to = passed > item.index ? passed - 1 : passed;
      if (to !== item.index) this.items[to]?.node.classList.add(to > item.index ? 'after' : 'before');
    };
    const over = new AbortController();
    const end = (/** @type {PointerEvent} */ event) => {
      over.abort();
      clear();
      if (event.type === 'pointerup') this.moveTo(item, to);
    };
    handle.addEventListener('pointermove', move, { signal: over.signal });
    handle.addEventListener('pointerup', end, { signal: over.signal });
    handle.addEventListener('pointercancel', end, { signal: over.signal });
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    if (!dirty.experiment) return;
    const { lanes } = app.overview;
    /** @type {HTMLLIElement[]} */
    const nodes = this.items.map((item) => item.node);
    resize(nodes, lanes.length, this.root, () => {
      const item = new Item(this);
      this.items.push(item);
      return item.node;
    });
    this.items.length = lanes.length;
    lanes.forEach((lane, index) => this.items[index]?.update(lane, index, lanes.length));
    this.adder.hidden = lanes.length >= MOST;
    const why = app.session.noAnn();
    setAttributes(this.window, { 'aria-disabled': why ? 'true' : 'false', title: why ? `Needs ${why}` : '' });
    this.full.hidden = lanes.length < MOST;
  }
}
