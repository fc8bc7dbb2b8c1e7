// One lab for each engine that is chosen, shared by the tests of a file.
import { after, before, describe } from 'node:test';
import { chosenEngines } from '../../../scripts/lib/browser.mjs';
import { openLab, prepareLab } from './lab.mjs';

let prepared;

/** Runs tests in each engine. `tests` gets a function that gives the lab, which is open by then. */
export function inEngines(tests, { engines = chosenEngines(), options = {} } = {}) {
  for (const engine of engines.filter((name) => chosenEngines().includes(name))) {
    describe(engine, () => {
      let lab;
      before(async () => {
        await (prepared ??= prepareLab());
        lab = await openLab(engine, typeof options === 'function' ? options() : options);
      });
      after(() => lab?.close());
      tests(() => lab, engine);
    });
  }
}
