/** The worker's script: runs one task after the other. The build makes a text of it. */
import type { ErrorDetail } from '../messages/error-detail.js';
import type { Probe, Report, Task } from './messages.js';
import { work } from './encode.js';

const report = (message: Report): void => postMessage(message);

onmessage = async ({ data }: MessageEvent<Task | Probe>) => {
  if ('probe' in data) return report({ isReady: await canWork(data.probe) });
  const { job, module } = data;
  try {
    report({ result: await work(job, module, async () => {}) });
  } catch (cause) {
    // Without the table of codes, which the worker has no need of.
    const { code, detail } = cause as ErrorDetail;
    report(detail === undefined ? { error: String(cause) } : { errorDetail: { code, detail } });
  }
};

/** Safari before 17 has no canvas in workers, and WebKit's workers can't read the files of a `file://` page. */
async function canWork(probe: Blob): Promise<boolean> {
  const hasCanvas =
    typeof OffscreenCanvas !== 'undefined' && new OffscreenCanvas(1, 1).getContext('2d') !== null;
  return hasCanvas && (await probe.arrayBuffer().then(Boolean, () => false));
}
