// Keeps verifications in PostgreSQL; `db` is a pool of `pg`, or anything with its `query`. Once:
//   CREATE TABLE verification (key text PRIMARY KEY, value text NOT NULL, until timestamptz NOT NULL)
const UNTIL = "now() + $3 * interval '1 millisecond'";
const GET = 'SELECT value FROM verification WHERE key = $1 AND until > now()';
const SET = `INSERT INTO verification VALUES ($1, $2, ${UNTIL})`;
const REPLACE = `UPDATE verification SET value = $2, until = ${UNTIL} WHERE key = $1 AND value = $4 RETURNING key`;

export const createPostgresStore = (db) => ({
  get: async (key) => (await db.query(GET, [key])).rows[0]?.value,
  async set(key, value, ttl) {
    await db.query('DELETE FROM verification WHERE until < now()');
    await db.query(SET, [key, value, ttl]);
  },
  async update(key, change, ttl) {
    for (let value; (value = await this.get(key)) !== undefined;) {
      const next = change(value);
      // Nothing was changed if another request was faster: then again, with what it wrote.
      if (next === undefined || (await db.query(REPLACE, [key, next, ttl, value])).rows.length > 0) return;
    }
  },
});
