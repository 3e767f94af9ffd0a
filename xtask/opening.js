// Calls an engine as the page does before its first picture, at many sizes. Writes down what it noted, and
// prints a digest of all that it answered: node opening.js GLUE ENGINE NOTES

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [, , glue, engine, notes] = process.argv;
const answers = createHash('sha256');
const note = (...said) => answers.update(JSON.stringify(said));

// The canvas of the chart notes what would be drawn on it.
globalThis.CanvasRenderingContext2D = class {};
const draws = {
  get: (_, name) => (...values) => note(name, values),
  set: (_, name, value) => {
    note(name, value);
    return true;
  },
};
globalThis.HTMLCanvasElement = class {
  constructor(width, height) {
    Object.assign(this, { width, height });
  }

  getContext() {
    return new Proxy(new CanvasRenderingContext2D(), draws);
  }
};

const module = new WebAssembly.Module(readFileSync(engine));
// An engine that takes notes has them where its memory begins: of its code, and of its constants.
const ran = new Uint8Array((1 << 19) + (1 << 18));
let opened = 0;

/** What `www/main.js` and the parts of `www/first.js` ask a new engine for. */
const open = async (view) => {
  const { initSync, Session } = await import(`${pathToFileURL(glue)}?${opened}`);
  opened += 1;
  const { memory } = initSync({ module });
  const session = new Session();
  note(session.overview(), session.overview());
  const layout = session.layout(view);
  note(layout, session.ramps(view.dark), session.describe());
  const picture = session.paint();
  const { pointer, width, height } = picture;
  picture.free();
  answers.update(new Uint8Array(memory.buffer, pointer, width * height * 4));
  if (layout.chart.height > 0) session.chart(new HTMLCanvasElement(layout.width * view.scale, layout.chart.height * view.scale));
  note(session.labels(), session.marks());
  session.__destroy_into_raw(); // an opening cannot free it
  new Uint8Array(memory.buffer, 0, ran.length).forEach((byte, place) => {
    ran[place] |= byte;
  });
};

for (const dark of [false, true]) {
  const scale = dark ? 2 : 1;
  for (const width of [200, 255, 296, 320, 366, 390, 560]) await open({ width, height: 844, scale, mode: 'phone', dark });
  for (const width of [200, 480, 692, 852, 1332, 1972]) {
    for (const height of [200, 440, 574, 754, 1100, 1360]) await open({ width, height, scale: width === 852 ? 1.25 : scale, mode: 'wide', dark });
  }
}
writeFileSync(notes, ran);
console.log(answers.digest('hex'));
