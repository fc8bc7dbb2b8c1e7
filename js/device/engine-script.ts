/** The worker's script as a text, in a chunk of its own. */
export { default } from 'inline:engine-worker.js';
