// Keeps verifications in Redis; `client` is a connected one of the npm package `redis`.
const REPLACE = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1`;

export const createRedisStore = (client) => ({
  get: async (key) => (await client.get(key)) ?? undefined,
  set: async (key, value, ttl) => void (await client.set(key, value, { PX: Math.ceil(ttl) })),
  async update(key, change, ttl) {
    for (let value; (value = await this.get(key)) !== undefined;) {
      const next = change(value);
      if (next === undefined) return;
      const options = { keys: [key], arguments: [value, next, String(Math.ceil(ttl))] };
      // Nothing was changed if another request was faster: then again, with what it wrote.
      if ((await client.eval(REPLACE, options)) === 1) return;
    }
  },
});
