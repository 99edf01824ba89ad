// A whole Bluesky network (PDS, PLC, AppView) on free loopback ports, for as long as standard input stays open.
// Wants a PostgreSQL with pg_trgm in DB_POSTGRES_URL; prints one line of JSON with the addresses when all answer.
import crypto from 'node:crypto'
import { TestNetwork } from '@atproto/dev-env'

process.env.REDIS_HOST ??= '127.0.0.1:1' // asked for, but never called
const letters = [...crypto.randomBytes(12)].map((byte) => String.fromCharCode(97 + (byte % 26))).join('')
const network = await TestNetwork.create({ dbPostgresSchema: `chorus_${letters}` })
const addresses = { pds: network.pds.url, plc: network.plc.url, adminPassword: 'admin-pass' }
process.stdout.write(JSON.stringify(addresses) + '\n')

process.stdin.resume()
process.stdin.on('end', async () => {
  await network.close()
  process.exit(0)
})
