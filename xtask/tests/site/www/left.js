import { right } from './right.js';
export const left = () => right;
