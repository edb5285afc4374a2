/** The same elements in the same order under another shape. */
export { copy as reshape } from './copy.ts';
