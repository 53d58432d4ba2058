import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Busy, SignedOut, WaymeetClient, type ClientOptions, type Credential } from '../src/index.js'
import { Clock, flush, wire, Wire } from './fakes.js'

let clock: Clock
let client: WaymeetClient
const make = (credential: Credential = { ticket: async () => 't' }, more: Partial<ClientOptions> = {}) => {
  client = new WaymeetClient({ url: 'ws://x', open: (u, p, h) => new Wire(u, p, h), env: clock.env, ...more, ...credential } as ClientOptions)
  client.me().subscribe(() => undefined)
  return client
}
beforeEach(() => {
  Wire.all = []
  clock = new Clock()
})
afterEach(() => client.close())

/** How long after now the next attempt is made. */
async function untilDial(most = 200_000): Promise<number> {
  const [n, t0] = [Wire.all.length, clock.t]
  while (Wire.all.length === n && clock.t - t0 < most) await clock.pass(10)
  return clock.t - t0
}

describe('the link', () => {
  it('gives up on a socket that never greets, and does not wait for its close', async () => {
    make()
    await clock.pass(1)
    expect(await untilDial()).toBeGreaterThan(11_900)
    expect(Wire.all[0]?.readyState).toBe(3)
    expect(clock.t).toBeLessThan(1_000_000 + 13_000)
  })

  it('tries again when a socket cannot even be made, or a credential never comes', async () => {
    let n = 0
    make({ ticket: () => (++n === 1 ? new Promise(() => undefined) : Promise.resolve('t')) }, {
      open: (u, p) => {
        if (n === 2) throw new SyntaxError('no')
        return new Wire(u, p)
      },
    })
    await clock.pass(31_500)
    expect(n).toBe(3)
    expect(Wire.all).toHaveLength(1)
  })

  it('leaves a leaving node even if that never closes', async () => {
    make()
    await clock.pass(1)
    wire().hello()
    wire().say({ bye: { reason: 'drain', retry_ms: [500, 500] } })
    expect(await untilDial()).toBeLessThan(2_600)
  })

  it('does not let a node that dies on hello reset the back-off', async () => {
    clock.rnd = 0.999
    make()
    await clock.pass(1)
    let wait = 0
    for (let i = 0; i < 6; i++) {
      wire().hello()
      await clock.pass(1_000)
      wire().drop()
      wait = await untilDial()
    }
    expect(wait).toBeGreaterThan(15_000)
    wire().hello()
    await clock.pass(0)
    wire().say({ id: wire().last().id, ok: { set: {} } })
    await clock.pass(6_000)
    wire().drop()
    expect(await untilDial()).toBeLessThan(520)
  })

  it('is slow to come back after flooding or when replaced, and does not after forbidden', async () => {
    make()
    await clock.pass(1)
    wire().drop(4029)
    expect(await untilDial()).toBeGreaterThanOrEqual(10_000)
    wire().drop(4009)
    expect(client.status().reason).toBe('replaced')
    expect(await untilDial()).toBeGreaterThanOrEqual(60_000)
    wire().drop(4003)
    expect(client.status()).toMatchObject({ state: 'ended', current: false })
    expect(await untilDial()).toBeGreaterThanOrEqual(200_000)
  })

  it('does as the device says: offline is stale at once, wake does not wait', async () => {
    make()
    await clock.pass(1)
    wire().hello()
    await clock.pass(0)
    wire().say({ id: 1, ok: { set: {} } })
    await clock.pass(700)
    client.offline()
    expect(client.status()).toMatchObject({ state: 'waiting', current: false, reason: 'offline' })
    await clock.pass(40)
    expect(client.age()).toBe(740)
    clock.rnd = 0.1
    client.wake()
    expect(await untilDial()).toBeLessThan(60)
    wire().hello()
    await clock.pass(0)
    wire().say({ id: wire().last().id, ok: { set: {} } })
    client.wake() // an old line is not trusted: it is asked
    expect(wire().last()).toMatchObject({ sub: 'me' })
  })

  it('is current and without age when there is nothing to show', async () => {
    client = new WaymeetClient({ url: 'ws://x', ticket: async () => 't', open: (u, p) => new Wire(u, p), env: clock.env })
    expect(client.age()).toBeNull()
    void client.call('a', {}, { key: 'k' }).catch(() => undefined)
    await clock.pass(1)
    wire().drop()
    await clock.pass(600)
    wire().hello()
    expect(client.status()).toMatchObject({ current: true, staleSince: null })
    expect(client.age()).toBe(0)
  })

  it('is current again when the last stale channel has nobody left', async () => {
    make()
    const off = client.trip('1').subscribe(() => undefined)
    await clock.pass(1)
    wire().hello()
    await clock.pass(0)
    wire().say({ id: 1, ok: { me: { set: {} }, 'trip:1': { set: { 'trip/1': { v: 1, d: {} } } } } })
    wire().say({ ch: 'trip:1', sig: 'stale', key: 'node', d: {} })
    expect(client.status().current).toBe(false)
    off()
    await clock.pass(2_000)
    expect(client.status()).toMatchObject({ current: true, staleSince: null })
  })
})

describe('credentials', () => {
  it('sends a token in a header, and asks for another one after it was rejected', async () => {
    const asked: boolean[] = []
    make({ accessToken: async ({ rejected }) => `T${asked.push(rejected)}` })
    await clock.pass(1)
    expect(wire()).toMatchObject({ protocols: ['waymeet.v1'], headers: { Authorization: 'Bearer T1' } })
    wire().drop(4001)
    await untilDial()
    expect(wire().headers).toEqual({ Authorization: 'Bearer T2' })
    wire().drop(1006, { status: 401 })
    await untilDial()
    wire().drop()
    await untilDial()
    expect(asked).toEqual([false, true, true, false])
  })

  it('waits as long as a busy node says with its refusal', async () => {
    make({ accessToken: async () => 'T' })
    await clock.pass(1)
    wire().drop(1006, { status: 429, retryAfterMs: 9_000 })
    const wait = await untilDial()
    expect(wait).toBeGreaterThanOrEqual(9_000)
    expect(wait).toBeLessThanOrEqual(9_520)
  })

  it('ends when the session has, and says so once', async () => {
    const out = vi.fn()
    make({ ticket: () => Promise.reject(new SignedOut()) }, { onSignedOut: out })
    await clock.pass(60_000)
    expect(out).toHaveBeenCalledOnce()
    expect(client.status().state).toBe('ended')
    expect(Wire.all).toHaveLength(0)
  })

  it('takes whatever a credential function throws for a plain failure', async () => {
    const throws = [new Busy(5_000), new Error('no network'), null, 'text']
    make({ ticket: () => (throws.length > 0 ? Promise.reject(throws.shift()) : Promise.resolve('t')) })
    await clock.pass(4_900)
    expect(throws).toHaveLength(3)
    await clock.pass(10_000)
    await flush()
    expect(Wire.all).toHaveLength(1)
  })

  it('is not renewed at once because its end is far away: timers of the system overflow', async () => {
    vi.useFakeTimers()
    try {
      const asked = vi.fn(async () => 'T')
      client = new WaymeetClient({ url: 'ws://x', accessToken: asked, open: (u, p, h) => new Wire(u, p, h) })
      client.me().subscribe(() => undefined)
      await vi.advanceTimersByTimeAsync(1)
      wire().say({ hello: { conn: 'c', node: 'n', user: 'u', epoch: 'e', ping_ms: 25000, max_frame: 65536, auth_exp: 9_999_999_999_999 } })
      await vi.advanceTimersByTimeAsync(10_000)
      expect(asked).toHaveBeenCalledOnce()
      client.close()
    } finally {
      vi.useRealTimers()
    }
  })
})
