// Loads the SDK, once for all parts of a page.
let loading;
let failures = 0;

/** Returns the SDK's module. A failed load is forgotten, so that the next call tries again. */
export function loadSdk() {
  // Some browsers remember a failed import by its address.
  loading ??= import(failures ? `/pkg/index.js?again=${failures}` : '/pkg/index.js').catch((error) => {
    failures += 1;
    loading = undefined;
    throw error;
  });
  return loading;
}
