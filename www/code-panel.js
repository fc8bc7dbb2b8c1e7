// Shows the code of the latest call, for the framework that the visitor chooses, and copies it.
import { el } from './dom.js';
import { FRAMEWORK_NAMES, snippet } from './snippets.js';

/** Time that the button says so after copying, in milliseconds. */
const COPIED_MS = 2000;

/** Makes the panel in `root`; returns a function that shows the code of an action. */
export function createCodePanel(root) {
  const select = root.querySelector('select');
  const code = root.querySelector('pre');
  const copy = root.querySelector('[data-action=copy]');
  let action = 'compare';

  const show = () => {
    code.textContent = snippet(select.value, action);
    root.dataset.call = action;
  };
  select.append(...Object.entries(FRAMEWORK_NAMES).map(([value, name]) => el('option', { value }, name)));
  select.addEventListener('change', show);
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      copy.textContent = 'Copied';
    } catch {
      // The browser refuses: the text is marked, and the visitor copies it.
      getSelection().selectAllChildren(code);
      copy.textContent = 'Press Ctrl+C';
    }
    setTimeout(() => (copy.textContent = 'Copy'), COPIED_MS);
  });
  show();
  return (next) => {
    action = next;
    show();
  };
}
