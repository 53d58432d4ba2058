import { beforeEach, describe, expect, it, vi } from 'vitest'
import { CallError, WaymeetClient } from '../src/index.js'
import { Clock, flush, wire, Wire } from './fakes.js'

let clock: Clock
let client: WaymeetClient
beforeEach(() => {
  Wire.all = []
  clock = new Clock()
  client = new WaymeetClient({ url: 'ws://x', ticket: async () => 't', open: (u, p) => new Wire(u, p), env: clock.env, maxCalls: 3 })
})

async function connected() {
  await clock.pass(30_000)
  wire().hello()
  await clock.pass(0)
}
const code = (p: Promise<unknown>) => p.then(() => 'done', (e: unknown) => (e instanceof CallError ? e.code : String(e)))

describe('calls', () => {
  it('wait for the first connection, with or without a key, and leave in order', async () => {
    const a = client.call('lines.list')
    const b = client.call('bookings.hold', { body: { party: 1 } }, { key: 'k' })
    await connected()
    expect(wire().sent).toEqual([
      { id: 1, call: 'lines.list', args: {} },
      { id: 2, call: 'bookings.hold', key: 'k', args: { body: { party: 1 } } },
    ])
    wire().say({ id: 2, ok: { status: 201, body: { id: 'b' } } }, { id: 1, ok: { status: 200 } })
    expect(await a).toEqual({ status: 200 })
    expect((await b).body).toEqual({ id: 'b' })
  })

  it('without a key fail when the answer is lost: repeating could do it twice', async () => {
    const lost = code(client.call('trips.depart', { path: { id: 't' } }))
    await connected()
    wire().drop()
    expect(await lost).toBe('connection_lost')
  })

  it('are repeated under their key when the server is busy for a moment', async () => {
    const done = client.call('bookings.hold', {}, { key: 'k' })
    await connected()
    wire().say({ id: 1, err: { code: 'rate_limited', message: '', retry: true } })
    await clock.pass(3_100)
    expect(wire().last()).toEqual({ id: 2, call: 'bookings.hold', key: 'k', args: {} })
    wire().say({ id: 2, ok: { status: 201 } })
    expect(await done).toEqual({ status: 201 })
  })

  it('are bounded, can be given up, and end with the client', async () => {
    const stop = new AbortController()
    const given = code(client.call('a', {}, { key: '1', signal: stop.signal }))
    const kept = code(client.call('b', {}, { key: '2' }))
    void code(client.call('c', {}, { key: '3' }))
    expect(await code(client.call('d', {}, { key: '4' }))).toBe('queue_full')
    stop.abort()
    expect(await given).toBe('aborted')
    expect(await code(client.call('d', {}, { key: '4', signal: stop.signal }))).toBe('aborted')
    client.close()
    expect(await kept).toBe('closed')
    expect(await code(client.call('e'))).toBe('closed')
    await clock.pass(60_000)
    expect(Wire.all).toHaveLength(0)
  })

  it('are not repeated once the server may have forgotten the key', async () => {
    const old = code(client.call('bookings.hold', {}, { key: 'k' }))
    await connected()
    wire().drop()
    clock.t += 21 * 3_600_000 // the laptop sleeps
    await connected()
    expect(wire().sent.some((f) => f.call)).toBe(false)
    expect(await old).toBe('too_old')
  })

  it('that no frame can hold are refused here, for the node would end the connection', async () => {
    const big = code(client.call('bookings.hold', { body: 'é'.repeat(40_000) }, { key: 'k' }))
    await connected()
    expect(await big).toBe('frame_too_large')
    expect(client.status().state).toBe('open')
  })
})

describe('an outbox of calls', () => {
  const storage = () => {
    const s = { text: null as string | null, load: () => s.text, save: (t: string) => void (s.text = t) }
    return s
  }

  it('survives the program: the next one sends what waits under the same key', async () => {
    const kept = storage()
    const { key } = client.outbox({ storage: kept }).put({ op: 'boardings.create', args: { body: { token: 'x' } } })
    await connected()
    expect(wire().last()).toMatchObject({ call: 'boardings.create', key })
    client.close() // the answer never came
    expect(JSON.parse(kept.text ?? '')).toMatchObject([{ key, body: { op: 'boardings.create' } }])

    const onDone = vi.fn()
    client = new WaymeetClient({ url: 'ws://x', ticket: async () => 't', open: (u, p) => new Wire(u, p), env: clock.env })
    const box = client.outbox({ storage: kept, onDone })
    await connected()
    expect(wire().last()).toMatchObject({ call: 'boardings.create', key, args: { body: { token: 'x' } } })
    wire().say({ id: wire().last().id, ok: { status: 201, body: { already: true } } })
    await flush()
    expect(onDone).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ key }), { status: 201, body: { already: true } })
    expect(box.snapshot()).toEqual([])
    expect(kept.text).toBe('[]')
  })

  it('keeps a refusal to be read, and gives up what is too old', async () => {
    const kept = storage()
    const box = client.outbox({ storage: kept })
    box.put({ op: 'bookings.cancel', args: {} })
    await connected()
    wire().say({ id: 1, err: { code: 'too_late', message: 'Too late.' } })
    await flush()
    expect(box.snapshot()).toMatchObject([{ failed: { code: 'too_late', detail: 'Too late.' } }])
    client.close()
    box.put({ op: 'bookings.cancel', args: {} }) // kept, though nothing is sent any more
    clock.t += 25 * 3_600_000
    client = new WaymeetClient({ url: 'ws://x', ticket: async () => 't', open: (u, p) => new Wire(u, p), env: clock.env })
    const after = client.outbox({ storage: kept })
    await flush()
    expect(after.snapshot().map((p) => p.failed?.code)).toEqual(['too_late', 'too_old'])
  })

  it('sends what was kept in a storage that answers later, whether the connection is there before it or after', async () => {
    const text = JSON.stringify([{ key: 'k', at: clock.t, body: { op: 'boardings.create', args: {} }, tries: 0 }])
    for (const connectedFirst of [true, false]) {
      Wire.all = []
      client = new WaymeetClient({ url: 'ws://x', ticket: async () => 't', open: (u, p) => new Wire(u, p), env: clock.env })
      let answer: (text: string) => void = () => undefined
      const box = client.outbox({ storage: { load: () => new Promise((r) => (answer = r)), save: async () => undefined } })
      if (connectedFirst) {
        client.me().subscribe(() => undefined)
        await connected()
      }
      answer(text)
      await box.ready
      await flush()
      if (!connectedFirst) await connected()
      const calls = wire().sent.filter((f) => 'call' in f)
      expect(calls).toMatchObject([{ call: 'boardings.create', key: 'k' }])
      wire().say({ id: calls[0]?.id, ok: { status: 201 } })
      await flush()
      expect(box.snapshot()).toEqual([])
      client.close()
    }
  })
})
