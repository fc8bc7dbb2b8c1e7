// Keeps verifications in PostgreSQL; `db` is a pool of `pg`, or anything with its `query`. Once:
//   CREATE TABLE verification (key text PRIMARY KEY, value text NOT NULL, expires_at timestamptz NOT NULL)
const EXPIRY = "now() + $3 * interval '1 millisecond'";

export const createPostgresStore = (db) => ({
  async get(key) {
    const sql = 'SELECT value FROM verification WHERE key = $1 AND expires_at > now()';
    return (await db.query(sql, [key])).rows[0]?.value;
  },
  async set(key, value, ttl) {
    await db.query('DELETE FROM verification WHERE expires_at < now()');
    await db.query(`INSERT INTO verification VALUES ($1, $2, ${EXPIRY})`, [key, value, ttl]);
  },
  async update(key, change, ttl) {
    const sql = `UPDATE verification SET value = $2, expires_at = ${EXPIRY} WHERE key = $1 AND value = $4`;
    for (let value; (value = await this.get(key)) !== undefined;) {
      const next = change(value);
      // Nothing was changed if another request was faster: then again, with what it wrote.
      if (next === undefined) return;
      const { rowCount, affectedRows = rowCount } = await db.query(sql, [key, next, ttl, value]);
      if (affectedRows > 0) return;
    }
  },
});
