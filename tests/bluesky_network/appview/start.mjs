// A whole Bluesky network (PDS, PLC, AppView) on free loopback ports, for as long as standard input stays open.
// Wants a PostgreSQL in DB_POSTGRES_URL; prints one line of JSON with the addresses when all answer.
import crypto from 'node:crypto'
import pg from 'pg'
import { TestNetwork } from '@atproto/dev-env'

// Similar names are found by the extension pg_trgm, which not every PostgreSQL brings: here nobody looks for any.
const { query } = pg.Client.prototype
pg.Client.prototype.query = function (sql, ...rest) {
  const needsTrigrams = typeof sql === 'string' && /gist_trgm_ops|extension if not exists pg_trgm/.test(sql)
  return query.call(this, needsTrigrams ? 'select 1' : sql, ...rest)
}

process.env.REDIS_HOST ??= '127.0.0.1:1' // asked for, but never called
const letters = [...crypto.randomBytes(12)].map((byte) => String.fromCharCode(97 + (byte % 26))).join('')
const network = await TestNetwork.create({ dbPostgresSchema: `chorus_${letters}` })
const addresses = {
  pds: network.pds.url,
  plc: network.plc.url,
  appview: network.bsky.url,
  adminPassword: 'admin-pass',
}
process.stdout.write(JSON.stringify(addresses) + '\n')

process.stdin.resume()
process.stdin.on('end', async () => {
  await network.close()
  process.exit(0)
})
