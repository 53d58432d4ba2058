import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SignedOut, tickets, WaymeetClient, type AccessToken } from '../src/index.js'
import { Clock, wire, Wire } from './fakes.js'

let clock: Clock
let client: WaymeetClient
let headers: unknown[]
beforeEach(() => {
  Wire.all = []
  clock = new Clock()
  headers = []
})
afterEach(() => client.close())

function connect(accessToken: AccessToken, onSignedOut = () => undefined as void) {
  client = new WaymeetClient({
    url: 'ws://x',
    accessToken,
    env: clock.env,
    onSignedOut,
    open: (u, p, h) => {
      headers.push(h)
      return new Wire(u, p, h)
    },
  })
  client.me().subscribe(() => undefined)
}

describe('an access token', () => {
  it.each<[string, AccessToken]>([
    ['itself', 'T'],
    ['from a function', () => 'T'],
    ['from a promise', () => Promise.resolve('T')],
  ])('is taken: %s', async (_, token) => {
    connect(token)
    await clock.pass(1)
    expect(headers).toEqual([{ Authorization: 'Bearer T' }])
  })

  it('that does not change ends the client when it is refused, instead of trying for ever', async () => {
    let out = 0
    connect('T', () => out++)
    await clock.pass(1)
    wire().hello()
    wire().drop(4001)
    await clock.pass(60_000)
    expect(Wire.all).toHaveLength(1)
    expect(client.status().state).toBe('ended')
    expect(out).toBe(1)
  })

  it('is taken for tickets', async () => {
    connect('T')
    const asked: unknown[] = []
    const fetch = ((_: string, init: { headers: unknown }) => {
      asked.push(init.headers)
      return Promise.resolve({ ok: true, status: 200, headers: { get: () => null }, json: () => Promise.resolve({ ticket: 't' }) })
    }) as never
    await expect(tickets('http://x', 'T', fetch)()).resolves.toBe('t')
    await expect(tickets('http://x', () => 'T', fetch)()).resolves.toBe('t')
    await expect(tickets('http://x', () => Promise.reject(new SignedOut()), fetch)()).rejects.toThrow(SignedOut)
    expect(asked).toEqual([expect.objectContaining({ Authorization: 'Bearer T' }), expect.objectContaining({ Authorization: 'Bearer T' })])
  })
})
