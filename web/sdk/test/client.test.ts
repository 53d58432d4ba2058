import { beforeEach, describe, expect, it, vi } from 'vitest'
import { WaymeetClient } from '../src/index.js'
import { Clock, flush, wire, Wire } from './fakes.js'

let clock: Clock
let live: WaymeetClient
let tickets: number

beforeEach(() => {
  Wire.all = []
  clock = new Clock()
  tickets = 0
  live = new WaymeetClient({
    url: 'ws://x/v1/realtime',
    ticket: () => Promise.resolve(`t${++tickets}`),
    accessToken: () => Promise.resolve('fresh'),
    open: (u, p) => new Wire(u, p),
    env: clock.env,
  })
})

async function subscribed(ch = 'board:x', set: Record<string, unknown> = { a: { v: 1, d: { n: 1 } }, b: { v: 1, d: { n: 1 } } }) {
  const heard = vi.fn()
  const off = live.channel(ch).subscribe(heard)
  await clock.pass(1)
  wire().hello()
  await clock.pass(0)
  wire().say({ id: wire().last().id, ok: { set } })
  return { heard, off }
}
const doc = (ch: string, e: string) => live.channel(ch).snapshot().entities.get(e)

describe('WaymeetClient', () => {
  it('offers the ticket as a subprotocol, never in the URL', async () => {
    await subscribed()
    expect(wire().protocols).toEqual(['waymeet.v1', 'ticket.t1'])
    expect(wire().url).not.toContain('t1')
    expect(live.status()).toMatchObject({ state: 'open', current: true, node: 'n1' })
  })

  it('applies pushes joined to the message of the answer', async () => {
    live.channel('trip:1').subscribe(() => undefined)
    await clock.pass(1)
    wire().hello()
    await clock.pass(0)
    wire().say({ id: 1, ok: { set: { t: { v: 1, d: { n: 1 } } } } }, { ch: 'trip:1', e: 't', v: 2, p: { n: 2 } })
    expect(doc('trip:1', 't')).toEqual({ v: 2, d: { n: 2 } })
    expect(wire().sent).toHaveLength(1) // no resubscription was needed
  })

  it('asks for many new channels in one list, and takes each answer on its own merits', async () => {
    for (const ch of ['trip:1', 'trip:2', 'trip:3']) live.channel(ch).subscribe(() => undefined)
    await clock.pass(1)
    wire().hello()
    await clock.pass(0)
    expect(wire().sent).toEqual([{ id: 1, sub: ['trip:1', 'trip:2', 'trip:3'] }])
    wire().say({ id: 1, ok: { 'trip:1': { set: { t: { v: 1, d: {} } } }, 'trip:2': { err: { code: 'not_found', message: 'No.' } }, 'trip:3': { set: {} } } })
    expect(live.channel('trip:1').snapshot().status).toBe('current')
    expect(live.channel('trip:2').snapshot()).toMatchObject({ status: 'closed', error: { code: 'not_found' } })
    expect(live.channel('trip:3').snapshot().status).toBe('current')
  })

  it('resubscribes with what it has when a version is missing, once', async () => {
    await subscribed()
    wire().say({ ch: 'board:x', e: 'a', v: 3, p: { n: 3 } }, { ch: 'board:x', e: 'a', v: 4, p: { n: 4 } })
    expect(wire().sent.slice(1)).toEqual([{ id: 2, sub: 'board:x', have: { a: 1, b: 1 }, epoch: 'e1' }])
    expect(doc('board:x', 'a')?.v).toBe(1)
    wire().say({ id: 2, ok: { set: { a: { v: 4, from: 1, p: { n: 4 } } } } })
    expect(doc('board:x', 'a')).toEqual({ v: 4, d: { n: 4 } })
  })

  it('takes the set whole when a difference does not fit', async () => {
    await subscribed()
    wire().say({ ch: 'board:x', e: 'a', v: 3, p: { n: 3 } })
    wire().say({ id: 2, ok: { set: { a: { v: 9, from: 7, p: { n: 9 } } } } })
    expect(wire().last()).toEqual({ id: 3, sub: 'board:x' })
    wire().say({ id: 3, ok: { set: { a: { v: 9, d: { n: 9 } } } } })
    expect([...(live.channel('board:x').snapshot().entities ?? [])]).toEqual([['a', { v: 9, d: { n: 9 } }]])
  })

  it('is stale with an age while away, resumes on the next node, then is current', async () => {
    const { heard } = await subscribed()
    const before = clock.t
    heard.mockClear()
    await clock.pass(3_000)
    wire().drop()
    expect(live.channel('board:x').snapshot()).toMatchObject({ status: 'stale', staleSince: before })
    expect(live.status()).toMatchObject({ current: false, staleSince: before, reason: 'lost' })
    expect(heard).toHaveBeenCalled()
    expect(Wire.all).toHaveLength(1)
    await clock.pass(600)
    expect(Wire.all).toHaveLength(2)
    expect(wire().protocols[1]).toBe('ticket.t2')
    wire().hello()
    await clock.pass(0)
    expect(wire().last()).toEqual({ id: 2, sub: 'board:x', have: { a: 1, b: 1 }, epoch: 'e1' })
    expect(live.status().current).toBe(false)
    wire().say({ id: 2, ok: { set: {}, gone: ['b'] } })
    expect(live.status()).toMatchObject({ current: true, staleSince: null })
    expect([...(live.channel('board:x').snapshot().entities.keys() ?? [])]).toEqual(['a'])
  })

  it('does not resume into another epoch', async () => {
    await subscribed('board:x', { a: { v: 9, d: { n: 9 } }, b: { v: 1, d: {} } })
    wire().drop()
    await clock.pass(600)
    wire().hello('e2')
    await clock.pass(0)
    expect(wire().last()).toEqual({ id: 2, sub: 'board:x' })
    wire().say({ id: 2, ok: { set: { a: { v: 2, d: { n: 2 } } } } })
    expect(doc('board:x', 'a')).toEqual({ v: 2, d: { n: 2 } })
  })

  it('applies no push that precedes the answer: it is not for what we hold', async () => {
    await subscribed()
    wire().drop()
    await clock.pass(600)
    wire().hello('e2')
    await clock.pass(0)
    wire().say({ ch: 'board:x', e: 'a', v: 2, p: { n: 2 } })
    expect(doc('board:x', 'a')).toEqual({ v: 1, d: { n: 1 } })
    expect(live.channel('board:x').snapshot().stale).toBe(true)
  })

  it('backs off with full jitter, bounded', async () => {
    await subscribed()
    clock.rnd = 0.999
    const waits: number[] = []
    for (let i = 0; i < 9; i++) {
      const n = Wire.all.length
      wire().drop()
      const t0 = clock.t
      while (Wire.all.length === n) await clock.pass(10)
      waits.push(clock.t - t0)
    }
    expect(waits[0]).toBeLessThanOrEqual(520)
    expect(waits[3]).toBeGreaterThan(3_000)
    for (const w of waits) expect(w).toBeLessThanOrEqual(20_020)
    clock.rnd = 0
    const n = Wire.all.length
    wire().drop()
    await clock.pass(5)
    expect(Wire.all.length).toBe(n + 1) // jitter is full: it reaches down to nothing
  })

  it('waits as long as a busy server asks before it takes another ticket', async () => {
    let asked = 0
    live = new WaymeetClient({
      url: 'ws://x',
      ticket: () => {
        asked++
        return Promise.reject(Object.assign(new Error('busy'), { retryAfterMs: 7_000 }))
      },
      open: (u, p) => new Wire(u, p),
      env: clock.env,
    })
    live.channel('me').subscribe(() => undefined)
    await clock.pass(6_990)
    expect(asked).toBe(1)
    await clock.pass(600) // and a jitter on top, for everybody was told the same
    expect(asked).toBe(2)
  })

  it('follows a leaving node: reconnects inside the range it was given', async () => {
    await subscribed()
    const old = wire()
    old.say({ bye: { reason: 'drain', retry_ms: [1_000, 1_200] } })
    old.drop(1012)
    await clock.pass(1_050)
    expect(Wire.all).toHaveLength(1)
    await clock.pass(200)
    expect(Wire.all).toHaveLength(2)
  })

  it('repeats a call under the same key after a lost connection, and answers once', async () => {
    await subscribed()
    const got = vi.fn()
    void live.call('boardings.create', { body: { token: 'x' } }, { key: 'key-1' }).then(got)
    expect(wire().last()).toMatchObject({ call: 'boardings.create', key: 'key-1' })
    wire().drop()
    await clock.pass(600)
    wire().hello()
    await clock.pass(0)
    const again = wire().sent.find((f) => f.call) as { id: number; key: string }
    expect(again).toMatchObject({ call: 'boardings.create', key: 'key-1' })
    wire().say({ id: again.id, ok: { status: 201, body: {} } })
    await flush()
    expect(got).toHaveBeenCalledExactlyOnceWith({ status: 201, body: {} })
    wire().drop()
    await clock.pass(2_000)
    wire().hello()
    await clock.pass(0)
    expect(wire().sent.some((f) => f.call)).toBe(false)
  })

  it('gives a refusal of a call to the caller', async () => {
    await subscribed()
    const failed = vi.fn()
    live.call('bookings.hold', {}, { key: 'k' }).catch(failed)
    wire().say({ id: wire().last().id, err: { code: 'trip_full', message: 'Full.', problem: { detail: 'Full.' } } })
    await flush()
    expect(failed.mock.calls[0]?.[0]).toMatchObject({ wire: { code: 'trip_full' } })
  })

  it('finds a dead line by asking into the silence', async () => {
    await subscribed()
    await clock.pass(26_000)
    expect(wire().last()).toMatchObject({ sub: 'board:x', have: { a: 1, b: 1 } })
    expect(live.status().current).toBe(true)
    await clock.pass(12_100) // nobody answers
    expect(live.status().current).toBe(false)
    expect(live.channel('board:x').snapshot().status).toBe('stale')
  })

  it('shows what the node says of itself: behind, then healed and proven by asking', async () => {
    await subscribed()
    const since = clock.t - 400
    wire().say({ ch: 'board:x', sig: 'stale', key: 'node', d: { since: new Date(since).toISOString() }, at: '' })
    expect(live.status()).toMatchObject({ state: 'open', current: false, staleSince: since, reason: 'node-behind' })
    expect(live.channel('board:x').snapshot().status).toBe('stale')
    wire().say({ ch: 'board:x', sig: 'fresh', key: 'node', d: {}, at: '' })
    expect(live.status().current).toBe(false)
    await clock.pass(10)
    wire().say({ id: wire().last().id, ok: { set: { a: { v: 2, from: 1, p: { n: 2 } } } } })
    expect(live.status()).toMatchObject({ current: true, staleSince: null })
    expect(doc('board:x', 'a')?.v).toBe(2)
  })

  it('proves many small healed channels in one question', async () => {
    for (const ch of ['trip:1', 'trip:2']) live.channel(ch).subscribe(() => undefined)
    await clock.pass(1)
    wire().hello()
    await clock.pass(0)
    const set = (n: number) => ({ set: { t: { v: n, d: { n } } } })
    wire().say({ id: 1, ok: { 'trip:1': set(1), 'trip:2': set(1) } })
    for (const ch of ['trip:1', 'trip:2']) wire().say({ ch, sig: 'stale', key: 'node', d: {} })
    for (const ch of ['trip:1', 'trip:2']) wire().say({ ch, sig: 'fresh', key: 'node', d: {} })
    await clock.pass(10)
    expect(wire().sent.slice(1)).toEqual([{ id: 2, sub: ['trip:1', 'trip:2'] }])
    wire().say({ id: 2, ok: { 'trip:1': set(1), 'trip:2': set(3) } })
    expect(live.status().current).toBe(true)
    expect(doc('trip:2', 't')?.v).toBe(3)
  })

  it('keeps a channel over a short absence of screens, then leaves it', async () => {
    const { off } = await subscribed()
    off()
    const again = live.channel('board:x').subscribe(() => undefined)
    await clock.pass(3_000)
    expect(wire().sent).toHaveLength(1)
    again()
    await clock.pass(3_000)
    expect(wire().last()).toMatchObject({ unsub: 'board:x' })
    expect(live.channel('board:x').snapshot().status).toBe('loading')
  })

  it('renews its credential before it ends', async () => {
    live.channel('me').subscribe(() => undefined)
    await clock.pass(1)
    wire().say({ hello: { conn: 'c', node: 'n', user: 'u', epoch: 'e', ping_ms: 25000, max_frame: 65536, auth_exp: clock.t / 1000 + 600 } })
    wire().say({ id: 1, ok: { set: {} } })
    for (let i = 0; i < 48; i++) {
      await clock.pass(10_000)
      const l = wire().last()
      if (l.sub) wire().say({ id: l.id, ok: { set: {} } })
    }
    expect(wire().sent.filter((f) => f.auth)).toEqual([{ id: expect.any(Number) as number, auth: 'fresh' }])
  })

  it('ignores pushes of a channel that it has left, and lines that are no JSON', async () => {
    const bad = vi.fn()
    live = new WaymeetClient({ url: 'ws://x', ticket: () => Promise.resolve('t'), open: (u, p) => new Wire(u, p), env: clock.env, onBadFrame: bad })
    await subscribed()
    wire().onmessage?.({ data: '{"ch":"board:x","e":"a","v":2,"p":{"n":2}}\nnonsense\n{"ch":"trip:zz","e":"q","v":1,"d":{}}' })
    expect(doc('board:x', 'a')?.v).toBe(2)
    expect(bad).toHaveBeenCalledExactlyOnceWith('nonsense')
  })
})

describe('an outbox of a client', () => {
  const stored = (body: unknown) => ({ key: 'k0', at: 1_000_000, body, tries: 0 })

  it('asks a storage that could not be read again when the connection opens', async () => {
    await subscribed()
    const load = vi.fn(() => JSON.stringify([stored({ op: 'boardings.create', args: {} })]))
    load.mockImplementationOnce(() => { throw new Error('database is locked') })
    load.mockImplementationOnce(() => { throw new Error('database is locked') }) // once more: making an outbox asks it to send
    clock.rnd = 0.999 // the next try by itself is seconds away
    live.outbox({ storage: { load, save: () => undefined } })
    await clock.pass(0)
    expect(load).toHaveBeenCalledTimes(2)
    clock.rnd = 0
    wire().drop()
    await clock.pass(1)
    wire().hello()
    await clock.pass(0)
    expect(load).toHaveBeenCalledTimes(3)
    expect(wire().sent).toContainEqual(expect.objectContaining({ call: 'boardings.create', key: 'k0' }))
  })

  it('leaves out what is no call, and sends the rest', async () => {
    await subscribed()
    const others = [null, 'boardings.create', { args: {} }, { op: 1, args: {} }, { op: 'boardings.create', args: null }, { op: 'boardings.create', args: 'x' }].map(stored)
    const box = live.outbox({ storage: { load: () => JSON.stringify([...others, stored({ op: 'boardings.create', args: {} })]), save: () => undefined } })
    expect(box.snapshot().map((p) => p.body)).toEqual([{ op: 'boardings.create', args: {} }])
    await clock.pass(0)
    expect(wire().last()).toMatchObject({ call: 'boardings.create', key: 'k0' })
  })
})
