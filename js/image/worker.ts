/** The worker's script: one task after the other. The build makes a text of it. */
import { ImageFailure } from './failure.js';
import type { Report, Task } from './job.js';
import { work } from './work.js';

const report = (message: Report): void => postMessage(message);

onmessage = async ({ data: { job, module } }: MessageEvent<Task>) => {
  try {
    report({ result: await work(job, module, async () => {}) });
  } catch (cause) {
    if (cause instanceof ImageFailure) report({ failure: { code: cause.code, message: cause.message } });
    else report({ error: String(cause) });
  }
};

// Safari before 17 has workers, but no canvas in them.
report({
  isReady: typeof OffscreenCanvas !== 'undefined' && new OffscreenCanvas(1, 1).getContext('2d') !== null,
});
