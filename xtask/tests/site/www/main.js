// import nothing from './missing.js': this is a comment
import { left } from './left.js';
export * from "./right.js";
/** @typedef {import('./types.d.ts').Point} Point */
const slashes = /['"/]+/g;
const text = `template ${'./left.js'} and ${`nested './right.js'`}`;
const points = new URL('data/points.json', import.meta.url);
export const later = () => import('./lazy.js');
document.title = [left, slashes, text, points, 4 / 2 / 1].join(' ');
