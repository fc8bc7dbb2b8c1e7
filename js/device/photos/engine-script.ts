/** The script of the worker that runs the engine of photos. */
export { default } from 'inline:photo-engine-worker.js';
