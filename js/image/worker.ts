/** The worker's script: one task after the other. The build makes a text of it. */
import { ImageFailure } from './failure.js';
import type { Probe, Report, Task } from './job.js';
import { work } from './work.js';

const report = (message: Report): void => postMessage(message);

onmessage = async ({ data }: MessageEvent<Task | Probe>) => {
  if ('probe' in data) return report({ isReady: await canWork(data.probe) });
  const { job, module } = data;
  try {
    report({ result: await work(job, module, async () => {}) });
  } catch (cause) {
    if (cause instanceof ImageFailure) report({ failure: { code: cause.code, message: cause.message } });
    else report({ error: String(cause) });
  }
};

/** Safari before 17 has no canvas in workers, and WebKit can't read the files of a `file://` page in them. */
async function canWork(probe: Blob): Promise<boolean> {
  const hasCanvas =
    typeof OffscreenCanvas !== 'undefined' && new OffscreenCanvas(1, 1).getContext('2d') !== null;
  return hasCanvas && (await probe.arrayBuffer().then(Boolean, () => false));
}
