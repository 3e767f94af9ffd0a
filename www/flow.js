// @ts-check
/** The words of the flow figure: name, gauge and key beside each lane, the followed loss, and a remark. */

import { addStyle, byId, el, resize, setText, svg, unbroken } from './dom.js';
import { LaneGutter } from './lane-gutter.js';
import { math, patchMath } from './math.js';

/** @import { App, Dirty } from './app.js' */
/** @import { Flow, FlowLane, FlowPlace, Lane, Layout } from './engine.js' */

/** What the key of the bars needs: rows of one column, px each; a second column where that is too high. */
const KEY = 12.5;
/** How long the figure waits for its last part, ms. */
const PATIENCE = 80;
/** Room for the name of a loss, px. */
const NAME = 30;
/** Width of the ramp that explains the colours, px. */
const RAMP = 170;

/** Beside one lane. */
class Gutter extends LaneGutter {
  /** @param {App} app */
  constructor(app) {
    super(app, 'flow');
    this.room = 0;
    this.key = el('ul', { class: 'bands' });
    /** @type {HTMLLIElement[]} */
    this.bands = [];
    this.row = math('');
    this.losses = el('div', { class: 'row-label', 'aria-hidden': 'true' }, this.row);
    this.weights = math('');
    this.share = el('span');
    this.given = el('div', { class: 'given' }, el('div', {}, 'of ', this.weights), this.share);
    this.node.append(this.key, this.losses, this.given);
    this.symbol = math('');
    this.loss = el('div', { class: 'loss-name', 'aria-hidden': 'true' }, this.symbol);
  }

  /**
   * @param {Lane} lane
   * @param {FlowPlace} place
   * @param {Layout} layout
   * @param {number} index
   */
  place(lane, place, layout, index) {
    const phone = this.stand(lane, place, layout, index);
    this.room = layout.width;
    // The key stands at the foot of the bars, the gauge at the foot of the matrix, or under the name.
    const { matrix, bars, shares } = place;
    const big = this.app.present ? 1.3 : 1;
    const foot = bars.y + bars.height - place.y;
    const columns = !phone && foot - 76 * big < 6 * KEY * big ? 2 : 1;
    const high = 6 / columns * KEY * big;
    this.key.className = phone ? 'bands row' : columns === 2 ? 'bands two' : 'bands';
    this.key.style.top = phone ? `${foot + 4}px` : `${foot - high - 1}px`;
    this.gauge.style.top = phone ? '' : `${Math.max(24 * big, Math.min(matrix.y + matrix.height - place.y - 48 * big, foot - 52 * big - high))}px`;
    this.given.hidden = !shares;
    if (shares) this.given.style.top = `${shares.y - place.y - (phone ? 20 : 1)}px`;
    this.losses.hidden = phone || matrix.height < 12;
    this.losses.style.top = `${matrix.y - place.y - 3}px`;
  }

  /**
   * @param {FlowLane} lane
   * @param {Flow} flow
   */
  say(lane, flow) {
    setText(this.number, lane.shown);
    setText(this.words, unbroken(lane.words));
    this.gauge.title = lane.full;
    resize(this.bands, lane.bands.length, this.key, () => el('li', {}, el('i'), ''));
    // From the top of the stack down.
    lane.bands.toReversed().forEach(({ label, colour }, k) => {
      const item = this.bands[k];
      if (!item?.firstElementChild || !item.lastChild) return;
      /** @type {HTMLElement} */ (item.firstElementChild).style.background = colour;
      setText(item.lastChild, label);
    });
    const { given } = lane;
    patchMath(this.weights, given?.symbol ?? '');
    setText(this.share, given?.words ?? '');
    this.given.title = given?.title ?? '';
    // A loss alone has its name beside its row.
    patchMath(this.row, flow.one ? flow.symbol : ['msub', ['mi', 'L'], ['mi', 't']]);
    this.loss.hidden = flow.one || !lane.own;
    if (flow.one || !lane.own) return;
    patchMath(this.symbol, flow.symbol);
    const { x, y, width } = lane.own;
    // Over the row, where the matrix is empty, and inside the figure.
    this.loss.style.transform = `translate(${Math.min(x + width + 3, this.room - NAME)}px, ${Math.round(y - 19)}px)`;
  }
}

class FlowPart {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    /** Since when the figure lacks the shares, and whether it was drawn without. */
    this.asked = { at: 0, late: false };
    this.figure = byId('figure', HTMLElement);
    /** @type {Gutter[]} */
    this.lanes = [];
    /** @type {boolean | null} */
    this.dark = null;
    const every = el('button', { type: 'button', class: 'edged' }, 'A loss at every step');
    every.addEventListener('click', () => {
      app.change((session) => session.set('shape', 'many-to-many'), { experiment: true, remember: 'push' });
      this.figure.focus({ preventScroll: true });
    });
    this.every = every;
    this.note = el('div', { class: 'flow-note' }, el('p', {}, 'One loss, after the last step: one row.'), every);
    this.ramp = el('div', { class: 'flow-ramp', 'aria-hidden': 'true' });
  }

  /**
   * What each loss gives to the weights: a short while the last picture stays, then that is filled in.
   * @param {number} end of this frame's work
   * @param {number} since when all the rest was waited for; 0 where it was there
   */
  ready(end, since) {
    const { app, asked } = this;
    asked.at ||= since || performance.now();
    if (!asked.late && performance.now() - asked.at > PATIENCE) {
      asked.late = true;
      app.schedule();
      return true;
    }
    let done = app.session.givenAdvance();
    while (!done && performance.now() < end) done = app.session.givenAdvance();
    if (done) {
      if (asked.late) app.dirty.layout = true;
      this.asked = { at: 0, late: false };
      return true;
    }
    app.schedule();
    return asked.late;
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    const { layout, overview, session } = app;
    const shown = overview.tab === 'flow' && layout?.flow;
    const flow = shown ? session.flow() : null;
    const count = shown && flow ? shown.lanes.length : 0;
    while (this.lanes.length > count) {
      const gutter = this.lanes.pop();
      gutter?.node.remove();
      gutter?.loss.remove();
    }
    if (!shown || !flow || !layout) {
      this.note.remove();
      this.ramp.remove();
      return;
    }
    let laid = dirty.layout;
    while (this.lanes.length < count) {
      const gutter = new Gutter(app);
      this.figure.append(gutter.node, gutter.loss);
      this.lanes.push(gutter);
      laid = true;
    }
    if (laid) this.frame(app, layout, flow);
    this.lanes.forEach((gutter, k) => {
      const [lane, facts] = [overview.lanes[k], flow.lanes[k]];
      if (!lane || !facts) return;
      gutter.mark(lane.mark, k === overview.lane);
      gutter.say(facts, flow);
    });
  }

  /**
   * @param {App} app
   * @param {Layout} layout
   * @param {Flow} flow
   */
  frame(app, layout, flow) {
    const places = layout.flow?.lanes ?? [];
    places.forEach((place, k) => {
      const lane = app.overview.lanes[k];
      if (lane) this.lanes[k]?.place(lane, place, layout, k);
    });
    const note = layout.flow?.note;
    if (note) {
      this.figure.append(this.note);
      this.every.hidden = !flow.canEvery;
      this.note.style.top = `${note.y}px`;
      this.note.style.height = `${note.height}px`;
    } else {
      this.note.remove();
    }
    this.explain(app, layout, flow);
  }

  /**
   * What the colours mean, where the first matrix is empty.
   * @param {App} app
   * @param {Layout} layout
   * @param {Flow} flow
   */
  explain(app, layout, flow) {
    const matrix = layout.flow?.lanes[0]?.matrix;
    const { x0, column, steps } = layout.axis;
    if (!matrix || !flow.half || matrix.height < (app.present ? 130 : 80) || column * steps < 420) {
      this.ramp.remove();
      return;
    }
    this.figure.append(this.ramp);
    this.ramp.style.top = `${matrix.y + 20}px`;
    this.ramp.style.right = `${layout.width - x0 - column * steps + 4}px`;
    if (this.dark === app.dark) return;
    this.dark = app.dark;
    const { gradient } = app.session.ramps(app.dark);
    const width = RAMP / gradient.length;
    const bars = gradient.map((fill, k) => svg('rect', { x: (k * width).toFixed(2), y: 0, width: (width + 0.4).toFixed(2), height: 8, fill }));
    // From 10⁻⁹ to 10⁵, as the engine's legend runs.
    const marks = [['10⁻⁹', 0], ['10⁻⁶', 3], ['10⁻³', 6], ['1', 9], ['10³', 12]].map(([text, decades]) => {
      const mark = el('span', {}, String(text));
      mark.style.left = `${(Number(decades) / 14) * RAMP}px`;
      return mark;
    });
    this.ramp.replaceChildren('relative to the norm at k\u00a0=\u00a0t', svg('svg', { width: RAMP, height: 8 }, ...bars), el('div', {}, ...marks));
  }
}

/**
 * The part, with its style in force.
 * @param {App} app
 */
export async function flowPart(app) {
  await addStyle(new URL('./style/flow.css', import.meta.url));
  return new FlowPart(app);
}
