// @ts-check
/** The right column: the pointed or pinned cell's value and the equations that made it; the caption. */

import { byId, el, resize, setAttributes, setText, unbroken } from './dom.js';
import { key, setKey } from './marks.js';
import { breakable, math, patchMath } from './math.js';

/** @import { App } from './app.js' */
/** @import { Equation, MathNode } from './engine.js' */
/** @import { Pointer } from './pointer.js' */

/**
 * Writes a formula that may take several lines.
 * @param {Element} node
 * @param {MathNode} content
 */
function write(node, content) {
  const parts = breakable(content);
  while (node.children.length > parts.length) node.lastElementChild?.remove();
  parts.forEach((part, k) => {
    const there = node.children[k];
    if (there) patchMath(there, part);
    else node.append(math(part));
  });
}

/** A group of equations under one heading. */
class Equations {
  /**
   * @param {string} title
   * @param {string} kind
   */
  constructor(title, kind) {
    this.node = el('section', { class: `eqs ${kind}` }, el('h3', {}, title));
    /** @type {HTMLElement[]} */
    this.items = [];
  }

  /**
   * @param {Equation[]} equations
   * @param {string} symbol the one to light
   */
  update(equations, symbol) {
    this.node.hidden = equations.length === 0;
    resize(this.items, equations.length, this.node, () => el('div', { class: 'eq' },
      el('span', { class: 'vh' }),
      el('div', { class: 'symbolic', 'aria-hidden': 'true' }),
      el('div', { class: 'numeric', 'aria-hidden': 'true' })));
    equations.forEach((equation, k) => {
      const item = this.items[k];
      const [spoken, symbolic, numeric] = item?.children ?? [];
      if (!item || !spoken || !symbolic || !numeric) return;
      item.classList.toggle('lit', equation.symbol === symbol);
      setText(spoken, equation.spoken);
      write(symbolic, equation.symbolic);
      write(numeric, equation.numeric);
    });
  }
}

export class Inspector {
  /**
   * @param {App} app
   * @param {Pointer} pointer
   * @param {(text: string) => void} copy
   */
  constructor(app, pointer, copy) {
    this.pointer = pointer;
    this.root = byId('inspector', HTMLElement);
    this.caption = byId('caption', HTMLElement);
    this.key = key();
    this.name = el('span');
    this.where = el('span', { class: 'where' });
    this.symbol = math('');
    this.value = el('b');
    this.word = el('span', { class: 'word' });
    this.full = el('code');
    this.copy = el('button', { type: 'button', title: 'Copy the full value (C)' }, 'Copy');
    this.copy.addEventListener('click', () => copy(this.full.textContent ?? ''));
    this.pin = el('button', { type: 'button', 'aria-pressed': 'false' }, 'Pin');
    this.pin.addEventListener('click', () => {
      const { lane, unit, pinned } = app.overview;
      app.select(lane, app.overview.symbol, unit, !pinned);
    });
    this.forward = new Equations('Forward, this unit', '');
    this.backward = new Equations('Backward, this unit', 'back');
  }

  /** Fills the column, once. */
  build() {
    const equals = el('span', {}, ' = ');
    this.root.append(
      el('header', {}, el('h2', {}, this.key, this.name), this.where),
      el('div', { class: 'reading' },
        el('span', { class: 'value' }, this.symbol, equals, this.value), this.word,
        this.full, el('span', { class: 'acts' }, this.copy, this.pin)),
      this.forward.node, this.backward.node);
  }

  /** @param {App} app */
  update(app) {
    if (!this.root.firstChild) this.build();
    const { overview, session } = app;
    const shown = (overview.pinned ? null : this.pointer.peek) ?? session.inspect();
    const lane = overview.lanes[shown.lane];
    if (lane) setKey(this.key, lane.mark);
    setText(this.name, shown.title);
    setText(this.where, shown.where);
    this.where.title = shown.where;
    patchMath(this.symbol, shown.symbol);
    setText(this.value, shown.value);
    setText(this.word, shown.word);
    setText(this.full, shown.full);
    setText(this.pin, overview.pinned ? 'Unpin' : 'Pin');
    setAttributes(this.pin, { 'aria-pressed': String(overview.pinned), title: overview.pinned ? 'Let the column follow the pointer' : 'Keep this unit in the column' });
    const symbol = (overview.pinned ? null : this.pointer.peek && this.pointer.pick?.symbol) ?? app.overview.symbol;
    this.forward.update(shown.forward, symbol.split('.')[0] ?? '');
    this.backward.update(shown.backward, '');
    this.say(app);
  }

  /**
   * The caption is read aloud when it comes to rest, not at every step of a run.
   * @param {App} app
   */
  say(app) {
    setAttributes(this.caption, { 'aria-live': app.playing ? 'off' : 'polite' });
    const [lead, rest] = this.caption.children;
    const { lead: first, text } = app.session.caption();
    if (lead && rest) {
      setText(lead, `${unbroken(first)} `);
      setText(rest, unbroken(text));
    }
  }
}
