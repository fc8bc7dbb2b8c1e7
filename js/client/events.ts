/** Reports the steps of a call to the page. */
import type { CallEvent } from '../types.js';

/** Reports one step; `undefined` values are left out. */
export type Report = (type: CallEvent['type'], facts?: Omit<CallEvent, 'type' | 'call'>) => void;

let calls = 0;

/** Numbers a call, and returns the function that reports its steps to the listener of that time. */
export function createReport(listener: () => ((event: CallEvent) => void) | undefined): Report {
  const call = (calls += 1);
  return (type, facts) => {
    try {
      listener()?.({ type, call, ...facts });
    } catch (error) {
      // As an error of the page: the call goes on.
      setTimeout(() => {
        throw error;
      });
    }
  };
}

/** Returns whole milliseconds since a time of `performance.now()`. */
export const since = (start: number): number => Math.round(performance.now() - start);
