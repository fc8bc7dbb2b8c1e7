// Drives a consumer's page as its user does: two photos, a click, and what the page then shows.
import assert from 'node:assert/strict';
import { By } from 'selenium-webdriver';

const PATIENCE = 30_000;
const CLICK_AGAIN_AFTER = 2_000;

/** Opens a page with two photos and gives the answer that it shows. */
export async function compare(driver, url, { api, token, photos }) {
  await driver.get(`${url}?${new URLSearchParams({ api, token })}`);
  const inputs = await driver.findElements(By.css('input[type=file]'));
  assert.equal(inputs.length, 2, `${url} is not the consumer's page`);
  await driver.executeScript(countWorkers);
  for (const [index, input] of inputs.entries()) await input.sendKeys(photos[index]);
  for (const consent of await driver.findElements(By.css('input[type=checkbox]'))) await consent.click();
  const output = await driver.findElement(By.css('#result'));
  let clicked = 0;
  const text = await driver
    .wait(async () => {
      // A framework's page may show its button before it listens to it.
      if (Date.now() - clicked > CLICK_AGAIN_AFTER) {
        await driver.findElement(By.css('button')).click();
        clicked = Date.now();
      }
      return await output.getText();
    }, PATIENCE)
    .catch(async (error) => {
      // Not every driver gives the page's console.
      const log = await driver
        .manage()
        .logs()
        .get('browser')
        .catch(() => []);
      const lines = log.map(({ message }) => message).join('\n');
      throw new Error(`${url} showed nothing: ${error.message}\n${lines}`);
    });
  return JSON.parse(text);
}

/** Fills an example's form in, clicks the button of that name, and gives what the page then shows. */
export async function submit(driver, button, name, photo) {
  // A framework's page may show its button before it listens to it; then the first click does nothing.
  const field = await driver.findElement(By.css('input[name=name]'));
  await field.clear();
  await field.sendKeys(name);
  await driver.findElement(By.css('input[type=file]')).sendKeys(photo);
  const consent = await driver.findElement(By.css('input[type=checkbox]'));
  if (!(await consent.isSelected())) await consent.click();
  const output = await driver.findElement(By.css('#result'));
  const before = await output.getText();
  let clicked = 0;
  return driver.wait(async () => {
    const text = await output.getText();
    if (text !== before && text !== '…') return text;
    if (text !== '…' && Date.now() - clicked > CLICK_AGAIN_AFTER) {
      await driver.findElement(By.css(`button[name=${button}]`)).click();
      clicked = Date.now();
    }
    return false;
  }, PATIENCE);
}

/** Runs in the page: counts the workers that are started from now on. */
function countWorkers() {
  const { Worker } = window;
  window.startedWorkers = 0;
  window.Worker = class extends Worker {
    constructor(...values) {
      super(...values);
      window.startedWorkers += 1;
    }
  };
}

/** Returns the number of workers that the page has started since {@link compare} opened it. */
export const startedWorkers = (driver) => driver.executeScript('return window.startedWorkers');

/** Whether an answer is that of two photos of one person. */
export function assertCompared(answer) {
  assert.equal(answer.status, true, JSON.stringify(answer));
  assert.equal(answer.code, 'success');
  assert.equal(typeof answer.similarity, 'number');
  assert.ok(answer.similarity >= answer.defaultThresholds.similarity, JSON.stringify(answer));
}

/** Runs an async function in the page, with values that JSON can hold; gives what it resolves to. */
export async function inPage(driver, action, ...values) {
  await driver.manage().setTimeouts({ script: PATIENCE });
  const { value, error } = await driver.executeAsyncScript(
    `const done = arguments[arguments.length - 1];
     (${action})(...[...arguments].slice(0, -1)).then(
       (value) => done({ value }),
       (error) => done({ error: String(error) }),
     );`,
    ...values,
  );
  if (error) throw new Error(error);
  return value;
}
