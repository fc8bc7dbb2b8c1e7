/** The former place of a constant, for the entry of the page's own server. */
export { MAX_TIMER_MS as LONGEST_TIMER } from './timer.js';
