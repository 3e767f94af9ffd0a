// @ts-check
/** The drawing of a cell: built once per kind of cell, then patched; its wires are walked by keys. */

import { el, resize, setAttributes, setText, svg } from './dom.js';
import { math, patchMath } from './math.js';

/** @import { App } from './app.js' */
/** @import { CellFacts, Drawing, Glyph, Inspection, Route, Spot, WireFacts, WireWords } from './engine.js' */

/** Half the width of an operation's sign. */
const SIGN = 4;
/** Height of a gate's meter, px. */
const METER = 24;

const sheet = el('link', { rel: 'stylesheet', href: new URL('./style/diagram.css', import.meta.url).href });
/** When the drawing has its style: before, it would be seen to change. */
export const styled = new Promise((done) => {
  for (const end of ['load', 'error']) sheet.addEventListener(end, done);
  document.head.append(sheet);
});

/**
 * A symbol in italic letters, with its index and tilde.
 * @param {Glyph} label
 */
function glyph({ text, index, tilde, anchor, x, y }) {
  const plain = /^[\x20-\x7e−]*$/.test(text);
  const node = svg('text', { class: plain ? 'word' : 'symbol', x, y, 'text-anchor': anchor }, document.createTextNode(text));
  if (index) node.append(svg('tspan', { class: 'index', dy: 4 }, document.createTextNode(index.replace('t', '𝑡').replace('hh', 'ℎℎ').replace('xh', '𝑥ℎ').replace(/^h$/, 'ℎ'))));
  return tilde ? svg('g', {}, node, svg('path', { class: 'tilde', d: `M${x + 2} ${y - 13}q2.5-3 5 0t5 0` })) : node;
}

/**
 * @param {Spot | null} spot
 * @param {string} name
 */
function words(spot, name) {
  return svg('text', spot ? { class: name, x: spot.x, y: spot.y, 'text-anchor': spot.anchor } : { class: `${name} nowhere` });
}

/** One wire: its line, what flows back through it, its value as colour and number. */
class Wire {
  /**
   * @param {Route} route
   * @param {number} index
   */
  constructor(route, index) {
    const { id, kind, path, branch, heads, dots, bead, value, gradient } = route;
    this.id = id;
    this.tips = heads.map(([x, y, turn, thin]) => {
      const size = kind === 'highway' && !thin ? 7 : 4;
      return svg('path', { class: thin ? 'head side' : 'head', d: `M${x} ${y}l${-size * 1.6} ${-size * 0.85}v${size * 1.7}z`, transform: `rotate(${turn} ${x} ${y})` });
    });
    const line = (/** @type {string} */ name, /** @type {string} */ d) => svg('path', { class: name, d });
    this.flow = svg('g', { class: 'flow' }, line('main', path), line('side', branch));
    this.bead = svg('rect', bead ? { class: 'bead', x: bead[0] - 4, y: bead[1] - 4, width: 8, height: 8 } : { class: 'bead nowhere' });
    this.value = words(value, 'value');
    this.gradient = words(gradient, 'gradient');
    // Where there is room for one, the gradient takes the place of the value.
    this.shares = value?.x === gradient?.x && value?.y === gradient?.y;
    for (const node of [this.value, this.gradient]) node.classList.toggle('close', this.shares);
    this.node = svg('g', { id: `wire-${index}`, role: 'option', 'aria-selected': 'false', class: `wire ${kind}`, 'data-wire': id },
      line('hit', path + branch), line('line main', path), line('line side', branch), this.flow, ...this.tips,
      ...dots.map(([cx, cy]) => svg('circle', { class: 'dot', cx, cy, r: 2.6 })), this.bead);
  }

  /**
   * @param {WireFacts} facts
   * @param {boolean} backward
   * @param {string} spoken
   */
  update({ label, colour, known, now, gradient }, backward, spoken) {
    const { classList } = this.node;
    const state = backward ? gradient?.state ?? '' : '';
    classList.toggle('thin', !known);
    classList.toggle('now', now);
    classList.toggle('zero', known && state === 'zero');
    classList.toggle('broken', known && (state === 'not finite' || colour === ''));
    const flows = backward && known && gradient;
    classList.toggle('back', Boolean(flows));
    this.node.style.setProperty('--flow', flows ? gradient.colour : '');
    this.node.style.setProperty('--width', flows ? `${gradient.width}px` : '');
    setAttributes(this.bead, { fill: colour || 'url(#cell-hatch)' });
    const reached = backward || known;
    setText(this.value, reached && !(flows && this.shares) ? label : '');
    setText(this.gradient, flows ? gradient.label : '');
    classList.toggle('valued', reached);
    setAttributes(this.node, { 'aria-label': spoken });
  }
}

export class Diagram {
  /**
   * @param {App} app
   * @param {{ light: (wire: string, go: string, equation: string) => void, walk: (go: string) => void }} acts
   */
  constructor(app, acts) {
    this.app = app;
    this.acts = acts;
    /** @type {Drawing | null} */
    this.drawing = null;
    this.mirrored = false;
    /** @type {Inspection | null} */
    this.shown = null;
    /** @type {Wire[]} */
    this.wires = [];
    /** The wire that the keys or a finger chose. */
    this.active = '';
    this.svg = svg('svg', { class: 'cell', role: 'listbox', tabindex: 0, 'aria-orientation': 'horizontal' });
    this.symbol = math('');
    this.read = el('p', { class: 'wire-read', 'aria-hidden': 'true' });
    this.node = el('div', {}, this.svg, this.read);
    this.svg.addEventListener('keydown', (event) => this.key(event));
    this.svg.addEventListener('pointerover', (event) => this.pointed(event));
    this.svg.addEventListener('pointerleave', () => this.point(this.focused() ? this.active : ''));
    this.svg.addEventListener('click', (event) => this.clicked(event));
    this.svg.addEventListener('focus', () => this.svg.matches(':focus-visible') && this.choose(this.active || (this.drawing?.words[0]?.id ?? '')));
    this.svg.addEventListener('blur', () => this.point(''));
    /** @type {string} */
    this.over = '';
    /** The kind of the pointer that came last. */
    this.hand = '';
  }

  focused() {
    return document.activeElement === this.svg;
  }

  /** @param {Event} event */
  wireOf(event) {
    const wire = event.target instanceof Element ? event.target.closest('[data-wire]') : null;
    return wire?.getAttribute('data-wire') ?? '';
  }

  /** @param {PointerEvent} event */
  pointed(event) {
    this.hand = event.pointerType;
    if (event.pointerType !== 'touch') this.point(this.wireOf(event));
  }

  /**
   * A click follows a wire to where its value came from; a finger chooses it first.
   * @param {MouseEvent} event
   */
  clicked(event) {
    const wire = this.wireOf(event);
    if (!wire) return;
    const chosen = this.active === wire && this.over === wire;
    this.choose(wire);
    if (this.hand !== 'touch' || chosen) this.follow(wire);
  }

  /**
   * @param {string} id
   * @returns {WireWords | undefined}
   */
  words(id) {
    return this.drawing?.words.find((words) => words.id === id);
  }

  /**
   * Where a wire's value stands in the figure, as `walk` reads it; '' where it does not.
   * @param {string} id
   */
  place(id) {
    const { overview } = this.app;
    const [words, cell] = [this.words(id), this.shown?.cell];
    const t = words?.back ? cell?.earlier[words.back - 1] : cell?.t;
    return words?.row && t ? `${words.row}.${overview.unit + 1}.${t}` : '';
  }

  /**
   * Follows a wire: to the place of its value, or else to the equation that made it; on the way back to
   * the equation of its gradient.
   * @param {string} id
   */
  follow(id) {
    const equation = this.equation(this.words(id));
    const unfold = equation ? `=${equation}` : '';
    const goal = this.shown?.cell.backward ? unfold : this.place(id) || unfold;
    if (goal) this.acts.walk(goal);
  }

  /**
   * The equation in which a wire's value stands; on the way back its gradient.
   * @param {WireWords | undefined} words
   */
  equation(words) {
    return words?.equations[this.shown?.cell.backward ? 1 : 0] ?? '';
  }

  /**
   * The wires whose values stand in an equation.
   * @param {string} equation
   */
  wiresOf(equation) {
    return (this.drawing?.words ?? []).filter((words) => this.equation(words) === equation).map(({ id }) => id);
  }

  /**
   * Lights a wire with its equation, and says what it carries.
   * @param {string} id
   */
  point(id) {
    this.over = id;
    this.acts.light(id, this.place(id) || (id === 'x' ? 'x' : ''), this.equation(this.words(id)));
    this.tell();
  }

  /** @param {string} id */
  choose(id) {
    this.active = id;
    const index = this.wires.findIndex((wire) => wire.id === id);
    this.wires.forEach((wire, k) => setAttributes(wire.node, { 'aria-selected': String(k === index) }));
    setAttributes(this.svg, { 'aria-activedescendant': index < 0 ? null : `wire-${index}` });
    this.point(id);
  }

  /**
   * → goes on to a wire that is made from this one, ← to one that it is made from, ↑ and ↓ to the others beside it.
   * @param {KeyboardEvent} event
   */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const { drawing } = this;
    const at = this.words(this.active);
    if (!drawing || !at) return;
    const all = drawing.words.map(({ id }) => id);
    const beside = all.filter((id) => id !== at.id && this.words(id)?.after.some((next) => at.after.includes(next)));
    const ring = beside.length ? all.filter((id) => id === at.id || beside.includes(id)) : all;
    const turn = (/** @type {number} */ by) => ring[(ring.indexOf(at.id) + by + ring.length) % ring.length];
    /** @type {Record<string, string | undefined>} */
    const to = {
      ArrowRight: at.after[0] ?? at.id, ArrowLeft: at.before[0] ?? at.id,
      ArrowUp: turn(-1), ArrowDown: turn(1), Home: all[0], End: all.at(-1),
    };
    if (event.key === 'Enter') this.follow(at.id);
    else if (to[event.key]) this.choose(to[event.key] ?? '');
    else return;
    event.preventDefault();
  }

  /** @param {Drawing} drawing */
  build(drawing) {
    this.drawing = drawing;
    const { width, height, body, nodes, curve } = drawing;
    this.wires = drawing.wires.map((route, index) => new Wire(route, index));
    this.strips = drawing.strips.map(({ of, area }) => ({ of, area, node: svg('g', { class: 'strip' }), cells: /** @type {SVGRectElement[]} */ ([]), frame: svg('rect', { class: 'frame', ...area }), mark: svg('path', { class: 'mine' }) }));
    this.factor = words(drawing.factor, 'factor');
    this.tangent = svg('path', { class: 'tangent' });
    this.spot = svg('circle', { class: 'point', r: 4 });
    /** @type {Map<string, { node: SVGGElement, level: SVGRectElement | null, value: SVGTextElement | null }>} */
    this.nodes = new Map();
    const drawn = nodes.map((node) => this.buildNode(node));
    const clip = curve ? [svg('clipPath', { id: 'cell-clip' }, svg('rect', { ...curve.area }))] : [];
    const phi = curve ? [svg('path', { class: 'axis', d: `M${curve.area.x + 4} ${curve.area.y + curve.area.height / 2}h${curve.area.width - 8}M${curve.area.x + curve.area.width / 2} ${curve.area.y + 4}v${curve.area.height - 8}` }), svg('path', { class: 'phi', d: curve.path }), svg('g', { 'clip-path': 'url(#cell-clip)' }, this.tangent), this.spot] : [];
    setAttributes(this.svg, { viewBox: `0 0 ${width} ${height}`, width, height, 'aria-label': 'The cell: its wires' });
    this.svg.replaceChildren(
      svg('defs', {}, svg('pattern', { id: 'cell-hatch', width: 4, height: 4, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' }, svg('rect', { width: 4, height: 4, class: 'hatch-paper' }), svg('rect', { width: 1.6, height: 4, class: 'hatch-ink' })), ...clip),
      svg('rect', { class: 'body', rx: 5, ...body }),
      ...this.wires.map(({ node }) => node), ...drawn, ...phi,
      ...this.strips.map(({ node }) => node),
      svg('g', { 'aria-hidden': 'true' }, ...this.wires.flatMap(({ value, gradient }) => [value, gradient])), this.factor, ...drawing.names.map(glyph));
    this.active = '';
  }

  /** @param {Drawing['nodes'][number]} node */
  buildNode({ id, kind, x, y, width, height, label }) {
    const box = (/** @type {number} */ rx) => svg('rect', { class: 'box', x: x - width / 2, y: y - height / 2, width, height, rx });
    const group = svg('g', { class: `node ${kind}` });
    /** @type {SVGRectElement | null} */
    let level = null;
    /** @type {SVGTextElement | null} */
    let value = null;
    if (kind === 'times' || kind === 'plus') {
      const sign = kind === 'times' ? `M${x - SIGN + 0.5} ${y - SIGN + 0.5}l${2 * SIGN - 1} ${2 * SIGN - 1}m0 ${1 - 2 * SIGN}l${1 - 2 * SIGN} ${2 * SIGN - 1}` : `M${x - SIGN - 1} ${y}h${2 * SIGN + 2}M${x} ${y - SIGN - 1}v${2 * SIGN + 2}`;
      group.append(svg('circle', { class: 'box', cx: x, cy: y, r: width / 2 }), svg('path', { class: 'sign', d: sign }));
    } else if (kind === 'gate' || kind === 'candidate') {
      const [left, top] = [x - width / 2, y - height / 2];
      level = svg('rect', { class: 'level', x: left + 5, width: 6 });
      value = svg('text', { class: 'reading-of', x, y: top + height - 4, 'text-anchor': 'middle' });
      setAttributes(group, { 'data-wire': id });
      group.append(box(3), svg('rect', { class: 'meter', x: left + 5, y: top + 4, width: 6, height: METER }), level,
        ...(kind === 'candidate' ? [svg('path', { class: 'zero-line', d: `M${left + 3} ${top + 4 + METER / 2}h10` })] : [svg('text', { class: 'word function', x: left + width - 4, y: top + 15, 'text-anchor': 'end' }, document.createTextNode('σ'))]),
        glyph(label), value);
    } else {
      if (kind !== 'state' && kind !== 'bias') group.append(box(kind === 'function' ? 8 : 3));
      group.append(glyph(label));
    }
    this.nodes?.set(id, { node: group, level, value });
    return group;
  }

  /** @param {Inspection} shown */
  update(shown) {
    const { cell } = shown;
    this.shown = shown;
    if (cell.key !== this.drawing?.key || cell.mirrored !== this.mirrored) {
      const drawing = this.app.session.drawing(shown.lane, cell.mirrored);
      if (drawing) this.build(drawing);
      this.mirrored = cell.mirrored;
    }
    const { drawing } = this;
    if (!drawing) return;
    setAttributes(this.svg, { class: `cell mark-${cell.mark}${cell.backward ? ' backward' : ''}` });
    setAttributes(this.svg, { 'aria-label': `${shown.title} cell, ${shown.where}: its wires` });
    cell.wires.forEach((facts, k) => this.wires[k]?.update(facts, cell.backward, this.spoken(facts, drawing.words[k])));
    this.fill(cell);
    const node = shown.operation?.node;
    this.nodes?.forEach(({ node: group }, id) => group.classList.toggle('now', id === node));
    this.tell();
  }

  /**
   * @param {WireFacts} facts
   * @param {WireWords | undefined} words
   */
  spoken({ shown, gradient }, words) {
    return `${words?.word ?? ''}, ${shown}${gradient ? `, gradient ${gradient.shown}` : ''}`;
  }

  /** @param {CellFacts} cell */
  fill(cell) {
    for (const { id, level, colour, shown, known } of cell.gates) {
      const node = this.nodes?.get(id);
      const place = this.drawing?.nodes.find((known) => known.id === id);
      if (!node?.level || !node.value || !place) continue;
      const signed = place.kind === 'candidate';
      const height = signed ? (Math.abs(level) * METER) / 2 : level * METER;
      const middle = place.y - place.height / 2 + 4 + METER / 2;
      const foot = signed ? middle - Math.max(0, level) * METER / 2 : middle + METER / 2 - height;
      setAttributes(node.level, { y: foot.toFixed(1), height: Math.max(0, height).toFixed(1), fill: signed ? colour || 'url(#cell-hatch)' : null });
      setText(node.value, known ? shown : '');
      node.node.classList.toggle('unknown', !known);
    }
    for (const { of, colours, chosen } of cell.strips) {
      const strip = this.strips?.find((known) => known.of === of);
      if (!strip) continue;
      const { area, node, cells, frame, mark } = strip;
      const width = area.width / colours.length;
      if (cells.length !== colours.length) {
        resize(cells, colours.length, node, () => svg('rect', { y: area.y, height: area.height }));
        cells.forEach((rect, k) => setAttributes(rect, { x: (area.x + k * width).toFixed(2), width: (width + 0.15).toFixed(2) }));
        node.append(frame, mark);
      }
      colours.forEach((colour, k) => { const rect = cells[k]; if (rect) setAttributes(rect, { fill: colour || 'url(#cell-hatch)' }); });
      setAttributes(mark, { d: chosen === null ? '' : `M${area.x + (chosen + 0.5) * width - 3} ${area.y - 4.5}h6l-3 4z` });
    }
    if (this.factor) setText(this.factor, cell.factor);
    const { bend } = cell;
    if (this.tangent && this.spot) {
      const [x1, y1, x2, y2] = bend?.tangent ?? [];
      setAttributes(this.tangent, { d: bend ? `M${x1} ${y1}L${x2} ${y2}` : '' });
      setAttributes(this.spot, { cx: bend?.x ?? null, cy: bend?.y ?? null, r: bend ? 4 : 0 });
    }
  }

  /** Says in a line what the pointed wire carries, to the last digit; without one, nothing. */
  tell() {
    const id = this.over;
    const facts = this.shown?.cell.wires.find((wire) => wire.id === id);
    const words = this.words(id);
    if (!facts || !words) {
      this.read.replaceChildren();
      return;
    }
    patchMath(this.symbol, words.symbol);
    const gradient = facts.gradient && facts.known ? [el('span', { class: 'grad' }, `◂∂ ${facts.gradient.full}`)] : [];
    this.read.replaceChildren(this.symbol, ` ${words.word} `, el('b', {}, facts.full), ' ', ...gradient);
  }

  /** The wires as a table, for those who would rather read. */
  table() {
    const { drawing, shown } = this;
    const backward = shown?.cell.backward;
    const head = ['wire', 'symbol', 'value', ...(backward ? ['∂L/∂'] : [])];
    const rows = (drawing?.words ?? []).map((words, k) => {
      const facts = shown?.cell.wires[k];
      return el('tr', {}, el('th', { scope: 'row' }, words.word), el('td', {}, math(words.symbol)), el('td', {}, facts?.full ?? ''),
        ...(backward ? [el('td', {}, facts?.gradient?.full ?? '')] : []));
    });
    return el('table', { 'aria-labelledby': 'table-title' },
      el('thead', {}, el('tr', {}, ...head.map((name) => el('th', { scope: 'col' }, name)))), el('tbody', {}, ...rows));
  }
}
