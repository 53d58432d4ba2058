import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { startLiveKit } from './livekit'

const READY_MS = 120_000

/**
 * One stack for the run: `waymeet dev` with two nodes on a PostgreSQL and a Redis of its own, seeded, nobody moving by himself.
 * Tests live in other processes, so its orders (restart Redis) pass through a small door on the loopback.
 */
export default async function start(): Promise<() => Promise<void>> {
  const bin = process.env.WAYMEET_BIN ?? resolve(import.meta.dirname, '../../../bin/waymeet')
  if (!existsSync(bin)) throw new Error(`e2e: ${bin} is missing; run \`make build\` first`)
  const dir = mkdtempSync(join(tmpdir(), 'waymeet-e2e-'))
  chmodSync(dir, 0o755) // as root the servers run as an unprivileged user, who must be able to enter
  const media = process.env.LIVEKIT_SERVER ? await startLiveKit(process.env.LIVEKIT_SERVER) : null // make test-livekit
  const child = spawn(bin, ['dev', '--json', '--quiet', '--nodes', '2', '--dir', dir, '--listen', '127.0.0.1:0', ...(media ? ['--media-server', media.url] : [])], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = lines(child)
  const stack = await Promise.race([answers.next(), died(child)])
  const door = await openDoor(child, answers)
  process.env.WAYMEET_E2E = JSON.stringify({ ...(JSON.parse(stack) as object), door: `http://127.0.0.1:${(door.address() as AddressInfo).port}`, bin, dir, media })
  return async () => {
    door.close()
    media?.end()
    const ended = new Promise((r) => child.once('exit', r))
    child.stdin?.end()
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000)
    await ended
    clearTimeout(late)
    rmSync(dir, { recursive: true, force: true })
  }
}

function lines(child: ChildProcess) {
  const waiting: ((s: string) => void)[] = []
  const ready: string[] = []
  if (!child.stdout) throw new Error('e2e: the stack has no output')
  createInterface({ input: child.stdout }).on('line', (line) => {
    const w = waiting.shift()
    if (w) w(line)
    else ready.push(line)
  })
  return {
    next: () => {
      const line = ready.shift()
      return line === undefined ? new Promise<string>((r) => waiting.push(r)) : Promise.resolve(line)
    },
  }
}

function died(child: ChildProcess): Promise<never> {
  return new Promise((_, reject) => {
    child.once('exit', (code) => reject(new Error(`e2e: waymeet dev ended with ${code} before it was ready`)))
    child.once('error', reject)
    setTimeout(() => reject(new Error('e2e: waymeet dev is not ready in time')), READY_MS).unref()
  })
}

async function openDoor(child: ChildProcess, answers: { next: () => Promise<string> }): Promise<Server> {
  const server = createServer((req, res) => {
    let order = ''
    req.on('data', (c: Buffer) => (order += c.toString()))
    req.on('end', () => {
      child.stdin?.write(`${order}\n`)
      void answers.next().then((a) => res.end(a))
    })
  })
  await new Promise<void>((r) => server.listen(0, '127.0.0.1', r))
  return server
}
