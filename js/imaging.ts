/** What `js/image` does, in a chunk of its own that loads when the first picture needs it. */
export { encode, measure } from './image/index.js';
