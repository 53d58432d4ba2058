import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Busy, openWith, SignedOut, tickets, WaymeetClient } from '../src/index.js'
import { systemOpen } from '../src/socket.js'

afterEach(() => vi.unstubAllGlobals())

class Native {
  readonly args: unknown[]
  constructor(...args: unknown[]) {
    this.args = args
  }
}
const args = (needsHeaders: boolean) => (systemOpen(needsHeaders)('ws://x', ['waymeet.v1'], needsHeaders ? { Authorization: 'Bearer T' } : {}) as unknown as Native).args

it('makes the platform’s socket the way that each wants it', () => {
  vi.stubGlobal('WebSocket', Native)
  expect(args(false)).toEqual(['ws://x', ['waymeet.v1']])
  expect(args(true)).toEqual(['ws://x', { protocols: ['waymeet.v1'], headers: { Authorization: 'Bearer T' } }]) // Node 22
  vi.stubGlobal('navigator', { product: 'ReactNative' })
  expect(args(true)).toEqual(['ws://x', ['waymeet.v1'], { headers: { Authorization: 'Bearer T' } }])
  vi.stubGlobal('navigator', { product: 'Gecko' })
  vi.stubGlobal('process', undefined)
  expect(args(false)).toEqual(['ws://x', ['waymeet.v1']])
  expect(() => args(true)).toThrow(/give `ticket`/)
})

it('says at once when there is no way to connect', () => {
  vi.stubGlobal('WebSocket', undefined)
  expect(() => new WaymeetClient({ url: 'ws://x', accessToken: async () => 'T' })).toThrow(/openWith/)
})

it('tells of an upgrade that a node refused, with ws', async () => {
  const server = await serve((_, res) => res.writeHead(429, { 'Retry-After': '7' }).end())
  const socket = openWith(WebSocket)(server.url.replace('http', 'ws'), ['waymeet.v1'], { Authorization: 'Bearer T' })
  const closed = await new Promise((r) => (socket.onclose = r))
  expect(closed).toMatchObject({ code: 1006, refused: { status: 429, retryAfterMs: 7_000 } })
  server.close()
})

it('takes tickets by HTTP and says why there is none', async () => {
  let answer: [number, Record<string, string>] = [201, {}]
  const server = await serve((req, res) => {
    expect([req.method, req.url, req.headers.authorization]).toEqual(['POST', '/v1/realtime/tickets', 'Bearer T'])
    res.writeHead(...answer).end('{"ticket":"abc"}')
  })
  const take = tickets(server.url, async () => 'T')
  expect(await take()).toBe('abc')
  for (const status of [401, 403]) {
    answer = [status, {}]
    await expect(take()).rejects.toBeInstanceOf(SignedOut)
  }
  answer = [429, { 'Retry-After': '3' }]
  await expect(take()).rejects.toEqual(new Busy(3_000))
  answer = [500, {}]
  await expect(take()).rejects.toThrow('HTTP 500')
  server.close()
})

async function serve(handler: Parameters<typeof createServer>[1]) {
  const server: Server = createServer(handler)
  server.on('upgrade', (req, socket) => {
    socket.end('HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nConnection: close\r\n\r\n')
    req.destroy()
  })
  await new Promise<void>((r) => server.listen(0, '127.0.0.1', r))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}
