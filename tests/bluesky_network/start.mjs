// A PDS and a PLC directory on free loopback ports, for as long as standard input stays open.
// Prints one line of JSON with their addresses when both answer.
import crypto from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import plc from '@did-plc/server'
import { PDS, envToCfg, envToSecrets } from '@atproto/pds'

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'chorus-pds-'))
const secret = (bytes) => crypto.randomBytes(bytes).toString('hex')

const plcServer = plc.PlcServer.create({ db: plc.Database.mock(), port: 0 })
const plcListener = await plcServer.start()
const plcUrl = `http://localhost:${plcListener.address().port}`

const freePort = async () => {
  const net = await import('node:net')
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

const port = await freePort()
const adminPassword = secret(16)
const env = {
  devMode: true,
  port,
  hostname: 'localhost',
  serviceHandleDomains: ['.test'],
  dataDirectory: directory,
  blobstoreDiskLocation: path.join(directory, 'blobs'),
  didPlcUrl: plcUrl,
  inviteRequired: false,
  rateLimitsEnabled: true,
  disableSsrfProtection: true,
  jwtSecret: secret(16),
  adminPassword,
  plcRotationKeyK256PrivateKeyHex: secret(32),
}
const pds = await PDS.create(envToCfg(env), envToSecrets(env))
await pds.start()
process.stdout.write(JSON.stringify({ pds: `http://localhost:${port}`, plc: plcUrl, adminPassword }) + '\n')

process.stdin.resume()
process.stdin.on('end', async () => {
  await pds.destroy()
  await plcServer.destroy()
  fs.rmSync(directory, { recursive: true, force: true })
  process.exit(0)
})
