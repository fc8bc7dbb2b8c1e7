/** The package shortens the names of exports. */
const memoryOf = ({ exports }) => Object.values(exports).find((value) => value instanceof WebAssembly.Memory);
// The page of the robustness tests. It watches what the SDK takes and must give back, imports it, and
// keeps what the tests' functions share as `lab`. The query says how: `entry` is the SDK's path, `lang`
// the page's language, `clock` the milliseconds by which the device's clock is wrong.
const query = new URLSearchParams(location.search);
const own = {
  setTimeout: setTimeout.bind(globalThis),
  clearTimeout: clearTimeout.bind(globalThis),
  now: Date.now,
};

/** Timers that have neither run nor been cleared. */
const timers = new Set();

const lab = {
  /** Everything that was written to the console. */
  console: [],
  /** The memories of all WebAssembly instances. */
  memories: [],
  /** Whether the pauses before retries are as short as chance may make them. */
  isHasty: false,
  sleep: (milliseconds) => new Promise((resolve) => own.setTimeout(resolve, milliseconds)),
  /** Gives a function that counts the timers which are left of those that were set after this. */
  async countTimers() {
    // The driver of WebKit sets one for the test's own script.
    await lab.sleep(0);
    const others = new Set(timers);
    return () => [...timers].filter((timer) => !others.has(timer)).length;
  },
  /** The time, whatever the page's clock says. */
  now: own.now,
};
globalThis.lab = lab;

for (const level of ['log', 'info', 'warn', 'error', 'debug']) {
  console[level] = (...values) => lab.console.push(values.map(String).join(' '));
}

globalThis.setTimeout = (action, ...rest) => {
  const timer = own.setTimeout(() => (timers.delete(timer), action()), ...rest);
  timers.add(timer);
  return timer;
};
globalThis.clearTimeout = (timer) => {
  timers.delete(timer);
  own.clearTimeout(timer);
};

for (const name of ['instantiate', 'instantiateStreaming']) {
  const instantiate = WebAssembly[name];
  WebAssembly[name] = async (...values) => {
    const result = await instantiate.call(WebAssembly, ...values);
    lab.memories.push(memoryOf(result.instance ?? result));
    return result;
  };
}

const random = Math.random;
Math.random = () => (lab.isHasty ? 0.02 : random());

const wrong = Number(query.get('clock') ?? 0);
Date.now = () => own.now() + wrong;
document.documentElement.lang = query.get('lang') ?? 'en';

/** Each method with all that it needs; `settings` go last, as a page would give them. */
lab.methods = {
  detect: (face, { photo }, ...settings) => face.detect(photo, ...settings),
  compare: (face, { photo }, ...settings) => face.compare(photo, photo, ...settings),
  isSimilar: (face, { photo }, ...settings) => face.isSimilar(photo, photo, ...settings),
  quality: (face, { photo }, ...settings) => face.quality(photo, ...settings),
  qualityWithSpoofCheck: (face, { photo }, ...settings) => face.qualityWithSpoofCheck(photo, ...settings),
  create: (face, { photo }, ...settings) => face.enrollment.create(photo, ...settings),
  read: (face, _, ...settings) => face.enrollment.read(...settings),
  update: (face, { photo, user }, ...settings) => face.enrollment.update(photo, user, ...settings),
  // No user has that name: the other requests still need the real one.
  delete: (face, { gone = crypto.randomUUID() }, ...settings) => face.enrollment.delete(gone, ...settings),
};

/** A client that may send everything, and says nothing on the console. */
lab.client = (baseUrl, { token = lab.token, ...options } = {}) => {
  const client = Perse.createPerse({ baseUrl, warn: false, enduserConsent: true, ...options });
  if (token) client.setToken(token);
  return client;
};

/** Calls a method of a client; gives its result and how long it took. */
lab.call = async (client, method, ...settings) => {
  const start = performance.now();
  const given = { photo: lab.photo, user: lab.user };
  const result = await lab.methods[method](client.face, given, ...settings);
  // The cause is not enumerable.
  return { ...result, cause: result.cause, ms: performance.now() - start };
};

/** Does something with each value, with so many at once. A browser has six connections to a server. */
lab.each = async (values, action, lanes = 4) => {
  const results = [];
  const rest = [...values.entries()];
  const lane = async () => {
    for (let next = rest.shift(); next; next = rest.shift()) results[next[0]] = await action(next[1]);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
};

/** Waits for a condition. */
lab.until = async (condition) => {
  while (!(await condition())) await lab.sleep(20);
};

/** Gives one token after the other, the last one again and again; `asked` counts. */
lab.provider = (...tokens) => {
  const provider = async () => tokens[Math.min(provider.asked++, tokens.length - 1)];
  provider.asked = 0;
  return provider;
};

globalThis.Perse = await import(query.get('entry') ?? '/pkg/index.js');
lab.isReady = true;
