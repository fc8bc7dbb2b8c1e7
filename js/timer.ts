/** The longest delay of `setTimeout`, in milliseconds; it fires at once for a longer one. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
