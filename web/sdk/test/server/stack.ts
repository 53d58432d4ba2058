import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

export type Login = { tenant: string; role: string; email: string; password: string }
export type Stack = { nodes: string[]; logins: Login[]; end(): Promise<void> }

/** `waymeet dev` with two nodes on a PostgreSQL and a Redis of its own, seeded, nobody moving by himself, sockets limited as in production. */
export async function startStack(): Promise<Stack> {
  const bin = process.env.WAYMEET_BIN ?? resolve(import.meta.dirname, '../../../../bin/waymeet')
  if (!existsSync(bin)) throw new Error(`${bin} is missing; run \`make binary\` first`)
  const dir = mkdtempSync(join(tmpdir(), 'waymeet-sdk-'))
  chmodSync(dir, 0o755) // as root the servers run as an unprivileged user, who must be able to enter
  const child = spawn(bin, ['dev', '--json', '--quiet', '--limits', '--nodes', '2', '--dir', dir, '--listen', '127.0.0.1:0'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((r) => child.once('exit', () => r()))
  const line = await Promise.race([
    new Promise<string>((r) => createInterface({ input: child.stdout }).once('line', r)),
    ended.then(() => Promise.reject(new Error('waymeet dev ended before it was ready'))),
  ])
  return {
    ...(JSON.parse(line) as { nodes: string[]; logins: Login[] }),
    async end() {
      child.stdin.end()
      const late = setTimeout(() => child.kill('SIGKILL'), 20_000)
      await ended
      clearTimeout(late)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A network between a client and a node that can be cut. */
export async function startWire(node: string) {
  let target = new URL(node)
  let up = true
  const open = new Set<Socket>()
  const server = createServer((near) => {
    if (!up) return near.destroy()
    const far = connect(Number(target.port), target.hostname)
    for (const [s, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(s)
      s.pipe(other)
      s.on('error', () => undefined)
      s.on('close', () => {
        open.delete(s)
        other.destroy()
      })
    }
  })
  await new Promise<void>((r) => server.listen(0, '127.0.0.1', r))
  const cut = () => {
    up = false
    for (const s of open) s.destroy()
  }
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/realtime`,
    cut,
    mend(to: string) {
      target = new URL(to)
      up = true
    },
    end() {
      cut()
      server.close()
    },
  }
}
