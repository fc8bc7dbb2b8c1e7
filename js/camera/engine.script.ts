/** The face engine, for scripts, which have it inside and look for its weights beside them while they load. */
export { loadEngine } from '../device/load-engine.js';
