// @ts-check
/**
 * The page's one loop: `screen = draw(experiment, cursor)`.
 *
 * The session in the engine holds the experiment and the cursor. This object holds only what the
 * page adds (theme, present mode, playing) and draws everything once per animation frame at most.
 */

/** @import { Session, Overview, Layout, Setting, Viewport } from './engine.js' */

/**
 * What has to be drawn anew. A change of the experiment implies a new layout.
 * @typedef {{ experiment: boolean, layout: boolean }} Dirty
 */

/**
 * One part of the screen. An early one shows what was chosen while the figure is still computed; one that is ready has all that it shows, or goes on until `end`, told since when the rest was waited for.
 * @typedef {{ update: (app: App, dirty: Dirty) => void, early?: boolean, ready?: (end: number, since: number) => boolean }} Part
 */

/**
 * How a change is remembered in the URL: as a new entry, in the present one, or not yet.
 * @typedef {'walk' | 'push' | 'replace' | 'none'} Remember
 */

/**
 * @typedef {object} Change
 * @property {Remember} [remember] `replace` unless said otherwise
 * @property {boolean} [experiment] whether the experiment changes, and not the cursor alone
 * @property {string} [key] changes of one key that meet in a frame: only the last is run
 * @property {Event} [event] the event that asked for it, to measure how long it takes to the picture
 * @property {(message: string) => void} [failed] told instead of the error bar
 * @property {() => void} [done] told when it went well
 */

/** Changes of one control closer together than this are one step back. */
export const SAME_HAND = 1000;
/** At most this many measures are kept. */
const MEASURES = 2000;

export class App {
  /**
   * @param {Session} session
   * @param {WebAssembly.Memory} memory
   */
  constructor(session, memory) {
    this.session = session;
    this.memory = memory;
    /** @type {Overview} */
    this.overview = session.overview();
    /** @type {Setting[]} */
    this.settings = [];
    /** What is asked for before the whole engine is there; `null` from then on. @type {(() => void)[] | null} */
    this.held = [];
    /** @type {Layout | null} */
    this.layout = null;
    /** @type {Part[]} */
    this.parts = [];
    this.playing = false;
    this.present = false;
    this.dark = false;
    /** Whether the inspector is in sight, and not in a drawer that is shut. */
    this.inspects = true;
    /** How often the place for the figure changed. What is measured once per size asks this. */
    this.sizes = 0;
    /** The viewport of the layout in force. @type {Viewport | null} */
    this.view = null;
    /** @type {() => Viewport} */
    this.viewport = () => ({ width: 800, height: 600, scale: 1, mode: 'wide', dark: this.dark });
    /** Whether all is computed that the figure shows; goes on computing, for less than a frame. @type {() => boolean} */
    this.ready = () => true;
    /** @type {(message: string) => void} */
    this.failed = (message) => { throw new Error(message); };
    /** Told when the experiment changed: what was said of the one before no longer holds. */
    this.succeeded = () => {};
    /** @type {(remember: Remember, key?: string) => void} */
    this.remember = () => {};
    /** Brings the entry that the matrices stand at into sight, once they are there. */
    this.reveal = () => {};
    /** What the hand changed last, and when: held on to, it is one step back. @type {{ key: string | undefined, at: number }} */
    this.hand = { key: undefined, at: 0 };
    /** @type {Map<string, () => void>} */
    this.waiting = new Map();
    /** @type {Dirty} */
    this.dirty = { experiment: true, layout: true };
    this.frame = 0;
    this.since = 0;
    /** How often the session changed. */
    this.changes = 0;
    /** Whether something changed since the last drawing. */
    this.stale = true;
    /** Whether this frame has its drawing already, and since when it is worked for. */
    this.drawn = false;
    this.began = 0;
  }

  /**
   * Changes the session, then draws. An error leaves the session, and the screen, as they were.
   * @param {(session: Session) => void} work
   * @param {Change} [change]
   */
  change(work, change = {}) {
    if (this.held) {
      this.held.push(() => this.change(work, change));
      return;
    }
    if (change.event && !this.since) this.since = change.event.timeStamp;
    const run = () => {
      try {
        work(this.session);
      } catch (error) {
        const failed = change.failed ?? this.failed;
        const file = this.session.wanted();
        if (file) this.fetch(file, run, failed);
        else failed(error instanceof Error ? error.message : String(error));
        return;
      }
      this.changes += 1;
      change.done?.();
      if (change.experiment) {
        this.dirty.experiment = true;
        this.succeeded();
        if (change.remember !== 'none') this.settle(change.key);
      }
      this.remember(change.remember ?? 'replace', change.key);
    };
    if (change.key === undefined) {
      this.flush(); // in the order in which they were asked for
      run();
    } else {
      this.waiting.set(change.key, run);
    }
    this.schedule();
    // The first event of a frame is answered at once, further ones together in the next.
    if (change.event && !this.drawn) this.draw();
  }

  /**
   * Loads the examples that a change lacked, then makes the change, unless another one came before.
   * @param {string} file
   * @param {() => void} run
   * @param {(message: string) => void} failed
   */
  async fetch(file, run, failed) {
    const { changes } = this;
    try {
      await (await import('./data.js')).provide(this.session, file);
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
      return;
    }
    if (this.changes !== changes) return;
    run();
    this.schedule();
  }

  /**
   * What changed is one step of undo; together with the step before, when the same control made it just now.
   * @param {string} [key]
   */
  settle(key) {
    const at = performance.now();
    const merge = key !== undefined && key === this.hand.key && at - this.hand.at < SAME_HAND;
    if (this.session.settle(merge)) this.hand = { key, at };
  }

  /** Runs what waits for the frame. */
  flush() {
    const runs = [...this.waiting.values()];
    this.waiting.clear();
    for (const run of runs) run();
  }

  /** Asks for a new layout, and a drawing: the size, the theme or the mode changed. */
  resized() {
    this.sizes += 1;
    this.dirty.layout = true;
    this.schedule();
  }

  /** Asks for a drawing in the next frame. */
  schedule() {
    this.stale = true;
    if (this.held) return;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (this.stale) this.draw();
      this.drawn = false;
    });
  }

  /**
   * Goes over to the whole engine, which draws from `go` on.
   * @param {Session} session
   * @param {WebAssembly.Memory} memory
   */
  take(session, memory) {
    this.session = session;
    this.memory = memory;
    this.overview = session.overview();
    this.dirty = { experiment: true, layout: true };
  }

  /** Draws everything anew, and does what was asked for until now. */
  go() {
    const held = this.held ?? [];
    this.held = null;
    this.draw();
    for (const work of held) work();
  }

  /** Draws everything; before the whole engine is there, once. */
  draw() {
    if (this.held && this.layout) return;
    if (!this.drawn) this.began = performance.now();
    this.flush();
    this.stale = false;
    this.drawn = true;
    const { dirty } = this;
    this.overview = this.session.overview();
    if (dirty.experiment && !this.held) this.settings = this.session.settings();
    if (!this.ready()) {
      for (const part of this.parts) if (part.early) part.update(this, dirty);
      this.schedule();
      return;
    }
    this.dirty = { experiment: false, layout: false };
    if (dirty.experiment || dirty.layout || !this.layout) {
      dirty.layout = true;
      this.view = this.viewport();
      this.layout = this.session.layout(this.view);
    }
    for (const part of this.parts) part.update(this, dirty);
    if (this.since) this.measure();
  }

  /** Notes the time from the event to the picture. */
  measure() {
    const name = 'setting-to-frame';
    const end = performance.now();
    if (performance.getEntriesByName(name).length > MEASURES) performance.clearMeasures(name);
    performance.measure(name, { start: Math.min(this.since, end), end });
    this.since = 0;
  }

  /**
   * Moves the cursor along the hairpin, 1 to 2T.
   * @param {number} position
   * @param {Event} [event]
   */
  seek(position, event) {
    const bounded = Math.max(1, Math.min(2 * this.overview.T, position));
    this.change((session) => session.seek(bounded), event ? { event } : {});
    this.overview.position = bounded;
  }

  /**
   * Position of step t in the present phase.
   * @param {number} t
   * @returns {number}
   */
  positionOf(t) {
    const { phase, T } = this.overview;
    return phase === 'forward' ? t : 2 * T + 1 - t;
  }

  /**
   * Follows the loss of a step in the flow figure.
   * @param {number} loss
   */
  follow(loss) {
    this.change((session) => session.follow(loss));
    // The next key may come before the next frame.
    this.overview.followed = Math.max(1, Math.min(this.overview.T, loss));
  }

  /**
   * Chooses what the inspector shows.
   * @param {number} lane
   * @param {string} symbol
   * @param {number} unit
   * @param {boolean} pinned
   */
  select(lane, symbol, unit, pinned) {
    // Where boxes lack room, the chosen lane is the one that does not fold.
    if (this.overview.picture === 'boxes' && lane !== this.overview.lane) this.dirty.layout = true;
    this.change((session) => session.select(lane, symbol, unit, pinned));
  }
}
