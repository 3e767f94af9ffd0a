// @ts-check
/** Equations with their numbers; their terms, and what a step adds to the gradients of the weights. */

import { el, resize, setAttributes, setText } from './dom.js';
import { breakable, math, patchMath } from './math.js';

/** @import { Equation, MathNode, Share, Term } from './engine.js' */

/**
 * What the parts ask for.
 * @typedef {{ unfold: (name: string) => void, copy: (names: string[]) => void }} Acts
 */

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

/**
 * @param {string} name
 * @param {() => void} work
 */
function folder(name, work) {
  const button = el('button', { type: 'button', class: 'unfold', 'aria-expanded': 'false', 'aria-label': name, title: name });
  button.addEventListener('click', work);
  return button;
}

/** A formula that a label beside it says. */
function hidden() {
  const node = math('');
  node.setAttribute('aria-hidden', 'true');
  return node;
}

/** The terms of a sum: weight, what it multiplies, and the product as number and bar. */
class Terms {
  constructor() {
    this.body = el('tbody');
    this.weights = el('p');
    this.node = el('div', { class: 'terms', tabindex: 0, role: 'group' }, el('table', {},
      el('thead', { class: 'vh' }, el('tr', {}, ...['weight', 'value', 'times', 'value', 'product'].map((name) => el('th', { scope: 'col' }, name)))), this.body), this.weights);
    /** @type {HTMLTableRowElement[]} */
    this.rows = [];
  }

  /**
   * @param {Term[]} terms
   * @param {string} weights
   */
  update(terms, weights) {
    // Quantities have no weights to tell of.
    const sums = terms.some(({ value }) => value);
    setText(this.weights, sums ? weights : '');
    resize(this.rows, terms.length, this.body, () => el('tr', {},
      el('th', { scope: 'row' }, el('button', { type: 'button', class: 'entry-of' }, hidden(), el('span', { class: 'vh' }))), el('td'), el('td', {}, el('button', { type: 'button', class: 'source' }, hidden())), el('td'), el('td', { class: 'product' }, el('span'), el('i'))));
    terms.forEach((term, k) => {
      const [weight, value, source, of, product] = this.rows[k]?.children ?? [];
      const [entry, button] = [weight?.firstElementChild, source?.firstElementChild];
      if (!weight || !entry?.firstElementChild || !entry.lastElementChild || !value || !button?.firstElementChild || !of || !product?.firstElementChild || !product.lastElementChild) return;
      patchMath(entry.firstElementChild, term.weight);
      setText(entry.lastElementChild, term.words[0]);
      setAttributes(entry, { 'data-go': term.entry || null, disabled: term.entry ? null : '' });
      setAttributes(weight, { 'data-wire': term.value ? term.key : null });
      this.rows[k]?.classList.toggle('quantity', !term.value);
      setText(value, term.value);
      patchMath(button.firstElementChild, term.source);
      setAttributes(button, { 'data-go': term.go || null, disabled: term.go ? null : '', 'aria-label': term.words[1] });
      setText(of, term.of);
      setText(product.firstElementChild, term.product);
      setAttributes(product.lastElementChild, { style: null, class: term.share < 0 ? 'bar minus' : 'bar' });
      if (product.lastElementChild instanceof HTMLElement) product.lastElementChild.style.width = `${Math.abs(term.share) * 36}px`;
    });
  }
}

/** How long a screen reader waits for what is out of sight, ms. */
const LATER = 300;

/** One equation. What is out of sight is written when it comes into view, or when the hand rests. */
class Line {
  /** @param {Acts} acts */
  constructor(acts) {
    this.name = '';
    this.spoken = el('span', { class: 'vh' });
    this.symbolic = el('div', { class: 'symbolic', 'aria-hidden': 'true' });
    this.numeric = el('div', { class: 'numeric', 'aria-hidden': 'true' });
    this.unfold = folder('', () => acts.unfold(this.name));
    /** @type {Terms | null} */
    this.terms = null;
    this.seen = true;
    this.timer = 0;
    /** @type {(() => void) | null} */
    this.waiting = null;
    this.node = el('div', { class: 'eq' }, this.spoken, this.unfold, this.symbolic, this.numeric);
  }

  /**
   * @param {Equation} equation
   * @param {string} symbol
   * @param {string} weights
   */
  update(equation, symbol, weights) {
    this.name = equation.symbol;
    setAttributes(this.node, { 'data-name': equation.symbol });
    clearTimeout(this.timer);
    this.waiting = () => this.show(equation, symbol, weights);
    if (this.seen) this.flush();
    else this.timer = window.setTimeout(() => this.flush(), LATER);
  }

  flush() {
    this.waiting?.();
    this.waiting = null;
  }

  /**
   * @param {Equation} equation
   * @param {string} symbol
   * @param {string} weights
   */
  show(equation, symbol, weights) {
    this.node.classList.toggle('lit', equation.symbol === symbol);
    this.node.classList.toggle('now', equation.now);
    setText(this.spoken, equation.spoken);
    write(this.symbolic, equation.symbolic);
    write(this.numeric, equation.numeric);
    const name = `Terms of ${equation.spoken.split(' equals ')[0]}`;
    setAttributes(this.unfold, { 'aria-expanded': String(equation.terms !== null), 'aria-label': name, title: name });
    if (equation.terms && !this.terms) {
      this.terms = new Terms();
      setAttributes(this.terms.node, { 'aria-label': name });
      this.node.append(this.terms.node);
    }
    if (this.terms) this.terms.node.hidden = !equation.terms;
    if (equation.terms) this.terms?.update(equation.terms, weights);
  }
}

/** A group of equations under one heading. */
export class Equations {
  /**
   * @param {string} title
   * @param {string} kind
   * @param {Acts} acts
   */
  constructor(title, kind, acts) {
    this.acts = acts;
    this.copy = el('button', { type: 'button', class: 'tex', title: `Copy as LaTeX: ${title}` }, 'LaTeX');
    this.copy.addEventListener('click', () => acts.copy(this.lines.map(({ name }) => name)));
    this.list = el('div');
    this.node = el('section', { class: `eqs ${kind}` }, el('div', { class: 'eqs-head' }, el('h3', {}, title), this.copy), this.list);
    /** @type {Line[]} */
    this.lines = [];
    this.sight = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const line = this.lines.find(({ node }) => node === target);
        if (!line) continue;
        line.seen = isIntersecting;
        if (line.seen) line.flush();
      }
    });
  }

  /**
   * @param {Equation[]} equations
   * @param {string} symbol the one to light
   * @param {string} weights where the weights come from
   */
  update(equations, symbol, weights) {
    this.node.hidden = equations.length === 0;
    while (this.lines.length > equations.length) {
      const line = this.lines.pop();
      if (!line) break;
      this.sight.unobserve(line.node);
      clearTimeout(line.timer);
      line.node.remove();
    }
    equations.forEach((equation, k) => {
      const line = (this.lines[k] ??= new Line(this.acts));
      if (line.node.parentNode !== this.list) {
        this.list.append(line.node);
        this.sight.observe(line.node);
      }
      line.update(equation, symbol, weights);
    });
  }
}

/** What the step adds to each weight's gradient, so far and in all. */
export class Shares {
  /** @param {Acts} acts */
  constructor(acts) {
    this.acts = acts;
    this.body = el('tbody');
    this.so = el('th', { scope: 'col' });
    this.counted = el('span');
    this.weights = el('p', { class: 'source' });
    this.node = el('section', { class: 'eqs back shares' }, el('h3', {}, 'Gradients of this unit’s weights', this.counted),
      el('table', {}, el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'entry'), el('th', { scope: 'col' }, 'this step'), this.so, el('th', { scope: 'col' }, 'in all'))), this.body),
      this.weights);
    /** @type {HTMLTableRowElement[]} */
    this.rows = [];
  }

  /**
   * @param {Share[]} shares
   * @param {string} weights
   * @param {string} counted which losses they are of
   * @param {{ t: number, T: number }} where
   */
  update(shares, weights, counted, { t, T }) {
    this.node.hidden = shares.length === 0;
    if (this.node.hidden) return;
    setText(this.counted, counted && `, ${counted}`);
    setText(this.so, t === T ? `t = ${T}` : `t = ${T} to ${t}`);
    setText(this.weights, `Each step adds to the sum on its way back: at t = 1 it is whole. Shown is where this step adds most; ▸ shows the row. ${weights}`);
    resize(this.rows, shares.length, this.body, () => el('tr', {}, el('th', { scope: 'row' }, hidden(), folder('', () => {}), el('span', { class: 'vh' }), math('')), el('td'), el('td'), el('td')));
    shares.forEach((share, k) => {
      const [name, now, soFar, inAll] = this.rows[k]?.children ?? [];
      const [symbol, unfold, words, product] = name?.children ?? [];
      if (!symbol || !words || !product || !(unfold instanceof HTMLButtonElement) || !now || !soFar || !inAll) return;
      patchMath(symbol, share.symbol);
      setText(words, share.words);
      unfold.hidden = !share.group;
      unfold.onclick = () => this.acts.unfold(share.group);
      const whole = `The whole row of ${share.words}`;
      setAttributes(unfold, { 'aria-expanded': String(share.unfolded), 'aria-label': whole, title: whole });
      setAttributes(this.rows[k] ?? this.node, { 'data-name': share.group || null });
      setText(now, share.value);
      patchMath(product, share.now);
      setText(soFar, share.so_far);
      setText(inAll, share.in_all);
      soFar.classList.toggle('whole', t === 1);
    });
  }
}
