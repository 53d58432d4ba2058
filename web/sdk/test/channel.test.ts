import { beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { boardChannel, emptySnapshot, WaymeetClient, type BoardDoc, type BookingDoc, type Doc, type LineTripDoc, type Signal, type Snapshot, type TripDoc, type UserDoc } from '../src/index.js'
import { Clock, flush, wire, Wire } from './fakes.js'

let clock: Clock
let client: WaymeetClient
beforeEach(() => {
  Wire.all = []
  clock = new Clock()
  client = new WaymeetClient({ url: 'ws://x', ticket: async () => 't', open: (u, p) => new Wire(u, p), env: clock.env })
})
const trip = (v: number, free: number[]) => ({ v, d: { free } })
async function greeted() {
  await clock.pass(1)
  wire().hello()
  await clock.pass(0)
}

describe('names', () => {
  it('are those of the wire', () => {
    expect([client.trip('1'), client.line('l', '2026-11-23'), client.booking('b'), client.me(), client.channel('fleet')].map((c) => c.name)).toEqual(['trip:1', 'line:l:2026-11-23', 'booking:b', 'me', 'fleet'])
  })
  it('of equal boards are equal', () => {
    expect(boardChannel({ date: '2026-11-23' })).toBe('board:2026-11-23')
    expect(boardChannel({ date: '2026-11-23', from: '06:00', to: '10:00' })).toBe('board:2026-11-23?from=06:00&to=10:00')
    const both = 'board:2026-11-23?line=a,b&state=boarding,scheduled'
    expect(boardChannel({ date: '2026-11-23', line: ['b', 'a'], state: ['scheduled', 'boarding'] })).toBe(both)
    expect(client.board({ date: '2026-11-23', state: ['boarding', 'scheduled'], line: ['a', 'b'] }).name).toBe(both)
    expect(boardChannel({ date: '2026-11-23', line: [], from: '' })).toBe('board:2026-11-23')
  })
  it('bring their documents’ types', () => {
    expectTypeOf(client.trip('1').doc()).toEqualTypeOf<TripDoc | undefined>()
    expectTypeOf(client.line('1', 'd').doc()).toEqualTypeOf<LineTripDoc | undefined>()
    expectTypeOf(client.board({ date: 'd' }).doc('trip/1')).toEqualTypeOf<BoardDoc | undefined>()
    expectTypeOf(client.me().doc('user/1')).toEqualTypeOf<UserDoc | undefined>()
    expectTypeOf(client.me().snapshot().entities.get('booking/1')?.d).toEqualTypeOf<BookingDoc | undefined>()
    expectTypeOf(client.channel('x').doc()).toEqualTypeOf<Doc | undefined>()
  })
})

describe('a channel', () => {
  it('costs nothing until somebody listens', async () => {
    expect(client.trip('1').snapshot()).toBe(emptySnapshot)
    await clock.pass(5_000)
    expect(client.status().state).toBe('idle')
  })

  it('gives each listener the snapshot after each change; one function may listen twice', async () => {
    const heard = vi.fn<(s: Snapshot) => void>()
    const offs = [client.channel('trip:1').subscribe(heard), client.channel('trip:1').subscribe(heard)]
    await greeted()
    wire().say({ id: 1, ok: { set: { 'trip/1': trip(1, [9]) } } })
    expect(heard).toHaveBeenCalledTimes(2)
    expect(heard.mock.lastCall?.[0]).toBe(client.channel('trip:1').snapshot())
    offs[0]?.()
    offs[0]?.()
    wire().say({ ch: 'trip:1', e: 'trip/1', v: 2, p: { free: [8] } })
    expect(heard).toHaveBeenCalledTimes(3)
    expect(client.trip('1').doc()?.free).toEqual([8])
    expect(client.trip('1').doc('trip/2')).toBeUndefined()
  })

  it('does not lose a thing to a listener that throws', async () => {
    const uncaught = vi.fn()
    const others = process.rawListeners('unhandledRejection') as ((e: unknown) => void)[]
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', uncaught)
    try {
      client.trip('1').subscribe(() => {
        throw new Error('mine')
      })
      await greeted()
      wire().say({ id: 1, ok: { set: { 'trip/1': trip(1, [9]) } } }, { ch: 'trip:1', e: 'trip/1', v: 2, p: { free: [8] } })
      expect(client.trip('1').doc()?.free).toEqual([8])
      await new Promise((r) => setTimeout(r, 5))
      expect(uncaught.mock.calls.map(([e]) => (e as Error).message)).toEqual(['mine', 'mine'])
    } finally {
      process.removeAllListeners('unhandledRejection')
      for (const fn of others) process.on('unhandledRejection', fn)
    }
  })

  it('says how old it is', async () => {
    const ch = client.trip('1')
    ch.subscribe(() => undefined)
    expect([ch.snapshot().stale, ch.age()]).toEqual([true, null])
    await greeted()
    wire().say({ id: 1, ok: { set: {} } })
    expect([ch.snapshot().stale, ch.age()]).toEqual([false, 0])
    await clock.pass(2_000)
    wire().drop()
    await clock.pass(50)
    expect([ch.snapshot().stale, ch.snapshot().staleSince, ch.age()]).toEqual([true, clock.t - 2_050, 2_050])
  })

  it('that the server ends keeps what it showed, ages, and can be asked for again', async () => {
    const ch = client.trip('1')
    ch.subscribe(() => undefined)
    await greeted()
    wire().say({ id: 1, ok: { set: { 'trip/1': trip(1, [9]) } } })
    wire().say({ ch: 'trip:1', closed: { code: 'forbidden', message: 'No more.' } }, { ch: 'trip:1', e: 'trip/1', v: 2, p: { free: [8] } })
    await clock.pass(300)
    expect(ch.snapshot()).toMatchObject({ status: 'closed', stale: true, error: { code: 'forbidden' } })
    expect([ch.doc()?.free, ch.age()]).toEqual([[9], 300])
    expect(client.status().current).toBe(true)
    ch.retry()
    await flush()
    wire().say({ id: wire().last().id, ok: { set: { 'trip/1': trip(3, [7]) } } })
    expect(ch.snapshot()).toMatchObject({ status: 'current', error: null })
    expect(ch.doc()?.free).toEqual([7])
  })

  it('hears every signal, also those that replace each other; the last ones from before are in the snapshot', async () => {
    const ch = client.trip('1')
    const heard: unknown[] = []
    const off = ch.onSignal((s: Signal) => heard.push(s.d))
    await greeted()
    expect(wire().last()).toMatchObject({ sub: 'trip:1' }) // who only hears is subscribed too
    wire().say({ id: 1, ok: { set: {}, sig: { 'vehicle/7': { sig: 'position', d: { lat: 1 }, at: '' } } } })
    expect([...ch.snapshot().signals.values()].map((s) => s.d)).toEqual([{ lat: 1 }])
    for (const lat of [2, 3]) wire().say({ ch: 'trip:1', sig: 'position', key: 'vehicle/7', d: { lat }, at: '' })
    expect(heard).toEqual([{ lat: 2 }, { lat: 3 }])
    off()
    await clock.pass(2_000)
    expect(wire().last()).toMatchObject({ unsub: 'trip:1' })
  })

  it('sends signals while there is a connection', async () => {
    const ch = client.trip('1')
    expect(ch.signal({ lat: 1, lon: 2 })).toBe(false)
    ch.subscribe(() => undefined)
    await greeted()
    expect(ch.signal({ lat: 1, lon: 2 }, { sig: 'position', key: 'trip/1' })).toBe(true)
    expect(wire().last()).toEqual({ id: 2, signal: 'trip:1', sig: 'position', key: 'trip/1', d: { lat: 1, lon: 2 } })
  })

  it('that is too large to be named in a frame is read whole', async () => {
    const ch = client.board({ date: '2026-11-23' })
    ch.subscribe(() => undefined)
    await greeted()
    const set = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`trip/019ab1a8-5e80-7abc-8def-${String(i).padStart(12, '0')}`, trip(1, [9])]))
    wire().say({ id: 1, ok: { set } })
    wire().drop()
    await clock.pass(600)
    wire().hello()
    await clock.pass(0)
    expect(wire().sent).toEqual([{ id: expect.any(Number) as number, sub: 'board:2026-11-23' }])
    wire().say({ id: wire().last().id, ok: { set } })
    expect(ch.snapshot().status).toBe('current')
  })
})

describe('iteration', () => {
  it('gives the state once loaded and the last one after changes, and unsubscribes when left', async () => {
    const seen: number[][] = []
    const loop = (async () => {
      for await (const s of client.trip('1')) {
        seen.push(s.entities.get('trip/1')?.d.free ?? [])
        if (seen.length === 2) break
      }
    })()
    await greeted()
    wire().say({ id: 1, ok: { set: { 'trip/1': trip(1, [9]) } } })
    await flush()
    for (let v = 2; v <= 5; v++) wire().say({ ch: 'trip:1', e: 'trip/1', v, p: { free: [v] } }) // faster than the loop
    await loop
    expect(seen).toEqual([[9], [5]])
    await clock.pass(2_000)
    expect(wire().last()).toMatchObject({ unsub: 'trip:1' })
  })

  it('ends after a refusal, and with the client', async () => {
    const statuses: string[] = []
    const refused = (async () => {
      for await (const s of client.trip('no')) statuses.push(s.status)
    })()
    const open = (async () => {
      for await (const s of client.me()) statuses.push(s.status)
    })()
    await greeted()
    wire().say({ id: 1, ok: { 'trip:no': { err: { code: 'not_found', message: 'No.' } }, me: { set: {} } } })
    await refused
    await flush()
    expect(statuses).toEqual(['closed', 'current'])
    client.close()
    await open
    expect(statuses).toEqual(['closed', 'current', 'stale'])
  })
})
