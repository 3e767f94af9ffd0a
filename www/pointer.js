// @ts-check
/** The pointer on the figure: a tip on every cell, click pins it, drag scrubs, C copies the value. */

import { byId, el, setAttributes, setText } from './dom.js';
import { math, patchMath } from './math.js';

/** @import { App } from './app.js' */
/** @import { Grip, Inspection, Pick } from './engine.js' */

/** A hand that moves less than this clicks. */
const STILL = 4;
/** What belongs to no lane. */
const SHARED = ['x', 'target', 'chart'];

/**
 * Sets ρ where a hand pulls it to: of all lanes, or of one that has its own.
 * @param {App} app
 * @param {string | undefined} value
 * @param {Grip} grip
 * @param {Event} event
 */
function pull(app, value, grip, event) {
  if (value === undefined) return;
  app.change((session) => session.set('rho', value, grip.own ? grip.lane : undefined), { key: 'pull', event, experiment: true, remember: 'none' });
}

export class Pointer {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.figure = byId('figure', HTMLElement);
    /** @type {Pick} */
    this.pick = null;
    /** What the inspector shows instead, while a cell is pointed at and none is pinned. @type {Inspection | null} */
    this.peek = null;
    this.outline = el('div', { class: 'pointed', hidden: true, 'aria-hidden': 'true' });
    this.symbol = math('');
    this.unit = el('span');
    this.value = el('b');
    this.full = el('code');
    this.fullName = el('span', {}, 'full value');
    this.note = el('span', { class: 'wide' });
    this.how = el('span', { class: 'how' });
    this.tip = el('div', { class: 'tip', hidden: true, 'aria-hidden': 'true' },
      el('span', {}, this.symbol, this.unit), this.value, this.fullName, this.full, this.note, this.how);
    /** @type {PointerEvent | null} */
    this.last = null;
    this.waiting = 0;
    this.dragging = false;
    this.figure.addEventListener('pointermove', (event) => this.moved(event));
    this.figure.addEventListener('pointerleave', () => this.leave());
    this.figure.addEventListener('pointerdown', (event) => this.pressed(event));
  }

  /** Takes the tip away. */
  leave() {
    this.last = null;
    if (!this.pick && !this.peek) return;
    this.show(null);
    this.app.schedule();
  }

  /** @param {PointerEvent} event */
  moved(event) {
    // A hand that drags changes the picture by itself, and looks at nothing else.
    if (event.pointerType === 'touch' || this.dragging) return;
    this.last = event;
    this.waiting ||= requestAnimationFrame(() => {
      this.waiting = 0;
      if (this.last) this.point(this.last);
    });
  }

  /**
   * The point of an event in the figure.
   * @param {PointerEvent} event
   */
  place(event) {
    const box = this.figure.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** @param {PointerEvent} event */
  point(event) {
    const over = event.target instanceof Element && event.target.closest('button');
    const { x, y } = this.place(event);
    const pick = over || !this.app.layout ? null : this.app.session.pick(x, y);
    const before = this.pick;
    const same = pick && before && pick.lane === before.lane && pick.symbol === before.symbol && pick.unit === before.unit && pick.t === before.t && pick.loss === before.loss && pick.box.x === before.box.x && pick.box.y === before.box.y;
    if (same || (!pick && !before)) return;
    this.show(pick);
    this.app.schedule();
  }

  /**
   * Shows the tip of a cell, and lets the inspector look at it.
   * @param {Pick} pick
   */
  show(pick) {
    this.pick = pick;
    this.figure.style.cursor = pick?.held ? 'grab' : '';
    this.outline.hidden = this.tip.hidden = !pick;
    this.peek = pick ? this.look(pick) : null;
    if (!pick) return;
    if (!this.tip.isConnected) this.figure.append(this.outline, this.tip);
    const { box } = pick;
    this.outline.style.transform = `translate(${box.x - 2}px, ${box.y - 2}px)`;
    this.outline.style.width = `${box.width + 4}px`;
    this.outline.style.height = `${box.height + 4}px`;
    patchMath(this.symbol, pick.label);
    // The chart has no symbol of its own.
    setAttributes(this.symbol, { hidden: pick.symbol === 'chart' ? '' : null });
    const { data, inputs, lanes } = this.app.overview;
    const shared = SHARED.includes(pick.symbol);
    setText(this.unit, [
      shared ? '' : lanes[pick.lane]?.name, pick.word, pick.unit === null ? '' : `unit ${pick.unit + 1}`, pick.at,
      data.categorical && pick.t ? `“${inputs[pick.t - 1] ?? ''}”` : '',
    ].filter(Boolean).join(', '));
    setText(this.value, pick.shown);
    // An output's full value is a sentence.
    const sentence = pick.full.includes(' ');
    setText(this.full, pick.full);
    this.full.hidden = this.fullName.hidden = sentence || !pick.full || pick.full === pick.shown;
    setText(this.note, [sentence ? pick.full : '', pick.note].filter(Boolean).join('; '));
    this.note.hidden = !this.note.textContent;
    this.hint();
    this.putTip(box);
  }

  /** Says what a click does: it goes there, and pins a cell or lets it go. */
  hint() {
    const { pick } = this;
    if (!pick) return;
    const { loss, unit, t } = pick;
    if (!t) {
      setText(this.how, '');
      return;
    }
    const cell = `click to ${this.pinned(pick) ? 'unpin' : 'pin'}, C to copy`;
    setText(this.how, pick.held ? 'drag it' : loss !== null ? `click to follow loss ${loss}` : unit === null ? 'click to go there' : cell);
  }

  /** A click changes what the next one does. */
  update() {
    this.hint();
  }

  /**
   * Whether a cell is the pinned one.
   * @param {NonNullable<Pick>} pick
   */
  pinned(pick) {
    const { overview } = this.app;
    return overview.pinned && pick.lane === overview.lane && pick.symbol === overview.symbol && pick.unit === overview.unit && pick.head === overview.t;
  }

  /**
   * Beside the cell, inside the figure.
   * @param {{ x: number, y: number, width: number, height: number }} box
   */
  putTip(box) {
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const right = box.x + box.width + 14;
    const x = right + width < this.figure.clientWidth ? right : Math.max(0, box.x - width - 14);
    const y = Math.max(0, Math.min(box.y - 12, Math.max(this.figure.clientHeight, height) - height));
    this.tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }

  /**
   * What the inspector says of a cell that is only pointed at.
   * @param {NonNullable<Pick>} pick
   * @returns {Inspection | null}
   */
  look(pick) {
    const { overview, session, playing } = this.app;
    if (overview.pinned || playing || pick.unit === null) return null;
    return session.inspectAt(pick.lane, pick.symbol, pick.unit, pick.t);
  }

  /** @param {PointerEvent} start */
  pressed(start) {
    if (start.button !== 0 || (start.target instanceof Element && start.target.closest('button'))) return;
    const { app, figure } = this;
    const { x: fromX, y: fromY } = this.place(start);
    const grip = app.overview.tab === 'spectrum' ? app.session.spectrumGrab(fromX, fromY) : null;
    let dragged = false;
    const over = new AbortController();
    const { signal } = over;
    /** @param {PointerEvent} event */
    const move = (event) => {
      if (!dragged && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < STILL) return;
      if (!dragged) {
        figure.setPointerCapture(event.pointerId);
        this.leave();
      }
      this.dragging = dragged = true;
      if (grip) {
        const { x, y } = this.place(event);
        pull(app, app.session.spectrumPull(grip.lane, grip.rho, fromX, fromY, x, y), grip, event);
        return;
      }
      const t = this.step(this.place(event).x, true);
      if (t) app.seek(app.positionOf(t), event);
    };
    /** @param {PointerEvent} event */
    const end = (event) => {
      over.abort();
      this.dragging = false;
      if (grip && dragged) app.remember('push');
      if (event.type === 'pointerup' && !dragged) this.click(event);
    };
    addEventListener('pointermove', move, { signal });
    addEventListener('pointerup', end, { signal });
    addEventListener('pointercancel', end, { signal });
  }

  /**
   * The step whose column holds x, or 0.
   * @param {number} x
   * @param {boolean} bounded take the nearest when there is none
   */
  step(x, bounded) {
    const axis = this.app.layout?.axis;
    if (!axis || this.app.overview.tab === 'update') return 0;
    const t = Math.floor((x - axis.x0) / axis.column) + 1;
    if (bounded) return Math.max(1, Math.min(axis.steps, t));
    return t >= 1 && t <= axis.steps ? t : 0;
  }

  /** @param {PointerEvent} event */
  click(event) {
    const { x, y } = this.place(event);
    const pick = this.app.session.pick(x, y);
    this.take(pick, pick?.t ?? this.step(x, false), event);
  }

  /**
   * Goes to what was chosen: its lane, its unit, its step.
   * @param {Pick} pick
   * @param {number} t 0 is none
   * @param {Event} event
   */
  take(pick, t, event) {
    const { app } = this;
    const { overview } = app;
    if (pick && pick.unit !== null) {
      app.select(pick.lane, pick.symbol, pick.unit, !this.pinned(pick));
    } else if (pick && pick.lane !== overview.lane) {
      const units = overview.lanes[pick.lane]?.hidden ?? 1;
      app.select(pick.lane, 'h', Math.min(overview.unit, units - 1), overview.pinned);
    }
    const loss = pick?.loss;
    if (loss) app.follow(loss);
    if (t) app.seek(app.positionOf(pick?.head ?? t), event);
    this.peek = null;
  }
}
