/** Inflates gzip in JavaScript, for browsers without `DecompressionStream`. */
export { gunzipSync } from 'fflate';
