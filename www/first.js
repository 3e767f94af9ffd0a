// @ts-check
/** The parts of the first picture: they ask the engine for nothing that its opening lacks. */

import { Figure } from './figure.js';
import { Further } from './further.js';
import { Gutters } from './gutter.js';
import { Legend } from './legend.js';
import { Overlay } from './overlay.js';
import { Sequence } from './sequence.js';
import { Transport } from './transport.js';

/** @import { App } from './app.js' */

/** @param {App} app */
export const firstParts = (app) => [
  new Legend(app), new Figure(app), new Gutters(), new Sequence(), new Overlay(), new Further(), new Transport(app),
];
