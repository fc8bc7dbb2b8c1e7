/** The entry for a script tag: one file that sets the global `Perse`. */
import * as Perse from './index.js';

Object.assign(globalThis, { Perse: { ...Perse } });
