// @ts-check
/** Play, pause and single steps along the hairpin. */

import { byId, setAttributes } from './dom.js';

/** @import { App } from './app.js' */

/** Time for one step at speed 1, ms. */
const STEP = 180;

export class Player {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.button = byId('play', HTMLButtonElement);
    this.speed = byId('speed', HTMLSelectElement);
    this.transport = byId('transport', HTMLElement);
    this.frame = 0;
    this.due = 0;
    this.button.addEventListener('click', () => this.toggle());
    /** @type {[string, () => void][]} */
    const buttons = [
      ['to-start', () => this.go(1)],
      ['back', () => this.by(-1)],
      ['on', () => this.by(1)],
      ['to-end', () => this.go(Infinity)],
    ];
    for (const [id, work] of buttons) byId(id, HTMLButtonElement).addEventListener('click', work);
    document.addEventListener('visibilitychange', () => { if (document.hidden) this.pause(); });
  }

  /**
   * Goes to a position and rests there.
   * @param {number} position
   */
  go(position) {
    this.pause();
    this.app.seek(position);
  }

  /**
   * Goes on or back along the track.
   * @param {number} steps
   */
  by(steps) {
    this.go(this.app.overview.position + steps);
  }

  /** Plays, from the start again if at the end; or rests. */
  toggle() {
    if (this.app.playing) {
      this.pause();
      return;
    }
    const { position, T } = this.app.overview;
    if (position >= 2 * T) this.app.seek(1);
    this.app.playing = true;
    this.due = performance.now() + this.interval;
    this.frame = requestAnimationFrame((now) => this.tick(now));
    this.app.schedule();
  }

  /** Rests. */
  pause() {
    if (!this.app.playing) return;
    this.app.playing = false;
    cancelAnimationFrame(this.frame);
    this.app.schedule();
  }

  /** Time between two steps, ms. */
  get interval() {
    return STEP / Number(this.speed.value);
  }

  /** @param {number} now */
  tick(now) {
    const { app } = this;
    if (!app.playing) return;
    if (now >= this.due) {
      const steps = Math.max(1, Math.floor((now - this.due) / this.interval) + 1);
      this.due += steps * this.interval;
      const { position, lanes } = app.overview;
      const to = position + Math.min(steps, 4);
      // Where numbers break the run rests.
      const breaks = lanes.flatMap((lane) => lane.breaks ?? []).filter((at) => at > position && at <= to);
      app.seek(Math.min(to, ...breaks));
      if (breaks.length || app.overview.position >= 2 * app.overview.T) {
        this.pause();
        return;
      }
    }
    this.frame = requestAnimationFrame((next) => this.tick(next));
  }

  /** @param {App} app */
  update(app) {
    this.transport.classList.toggle('playing', app.playing);
    setAttributes(this.button, { 'aria-label': app.playing ? 'Pause' : 'Play' });
  }
}
