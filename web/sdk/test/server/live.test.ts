import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { openWith, SignedOut, tickets, WaymeetClient, type CallOk, type Channel, type Doc, type Kinds, type OutboxStorage, type Snapshot } from '../../src/index.js'
import { startStack, startWire, type Stack } from './stack.js'

// The client in plain Node against a real server: two nodes, PostgreSQL, Redis.

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
}, 120_000)
afterAll(() => stack?.end(), 30_000)

class Person {
  token = ''
  today = ''
  constructor(readonly base: string) {}
  async signIn(role: string): Promise<this> {
    const { tenant, email, password } = stack.logins.find((l) => l.role === role)!
    const { access_token, user } = await this.send<{ access_token: string; user: { tenant: { today: string } } }>('POST', '/v1/auth/sign-in', { tenant, email, password })
    this.token = access_token
    this.today = user.tenant.today
    return this
  }
  async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { 'Content-Type': 'application/json', ...(method === 'POST' ? { 'Idempotency-Key': randomUUID() } : {}) }
    if (this.token) headers.Authorization = `Bearer ${this.token}`
    const res = await fetch(this.base + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    if (!res.ok) throw new Error(`${method} ${path}: ${res.status} ${await res.text()}`)
    return (await res.json()) as T
  }
}

type Offer = { trip: string; line: string; date: string; free: number; from: { stop: string; index: number }; to: { stop: string; index: number } }

/** A ride on a day ahead with room, whatever the demo's timetable and today's weekday are. */
async function findRide(p: Person): Promise<Offer> {
  const { items: lines } = await p.send<{ items: { id: string }[] }>('GET', '/v1/lines')
  for (let ahead = 1; ahead < 7; ahead++) {
    const date = new Date(Date.parse(`${p.today}T00:00:00Z`) + ahead * 86_400_000).toISOString().slice(0, 10)
    for (const { id } of lines) {
      const line = await p.send<{ patterns: { id: string }[] }>('GET', `/v1/lines/${id}`)
      for (const pattern of line.patterns) {
        const { stops } = await p.send<{ stops: { stop: string }[] }>('GET', `/v1/patterns/${pattern.id}`)
        const [from, to] = [stops[1]?.stop, stops.at(-2)?.stop]
        if (!from || !to || from === to) continue
        const { items } = await p.send<{ items: Offer[] }>('GET', `/v1/trips?from=${from}&to=${to}&date=${date}&party=1&limit=40`)
        const found = items.find((o) => o.free >= 4)
        if (found) return found
      }
    }
  }
  throw new Error('the demo has no ride with room')
}

async function until<K extends Kinds>(ch: Channel<K>, good: (s: Snapshot<K>) => boolean): Promise<Snapshot<K>> {
  for await (const s of ch) if (good(s)) return s
  throw new Error(`${ch.name} ended`)
}

const truth = async (p: Person, ch: string) => (await p.send<{ set: Record<string, { v: number; d: Doc }> }>('GET', `/v1/realtime/sets/${ch}`)).set

it('signs in, books, sees the patch, is cut, and resumes on another node', { timeout: 30_000 }, async () => {
  const rider = await new Person(stack.nodes[0]!).signIn('rider')
  const { trip: id, line, date, from, to } = await findRide(rider)
  const wire = await startWire(stack.nodes[0]!)
  const told: string[] = []
  const open = openWith(WebSocket)
  const client = new WaymeetClient({
    url: wire.url,
    accessToken: async () => rider.token,
    open,
  })
  try {
    const trip = client.trip(id)
    const day = client.line(line, date)
    const off = [trip.subscribe(() => undefined), day.subscribe(() => undefined), client.me().subscribe(() => undefined)]
    const before = (await until(trip, (s) => !s.stale)).entities.get(`trip/${id}`)!
    await until(day, (s) => !s.stale && s.entities.size > 1)

    // A booking, over the socket: the patch follows, under the next version.
    const key = randomUUID()
    const order = { body: { trip: id, from: from.stop, to: to.stop, party: 1 } }
    const held = await client.call<{ id: string; state: string }>('bookings.hold', order, { key })
    expect(held).toMatchObject({ status: 201, body: { state: 'held' } })
    const booking = held.body!.id
    const after = (await until(trip, (s) => (s.entities.get(`trip/${id}`)?.v ?? 0) > before.v)).entities.get(`trip/${id}`)!
    expect(after.d.free).toEqual(before.d.free.map((f, leg) => (leg >= from.index && leg < to.index ? f - 1 : f)))
    expect(after.d.pattern).toBe(before.d.pattern)
    await until(client.me(), (s) => s.entities.get(`booking/${booking}`)?.d.state === 'held')
    expect((await client.call<{ id: string }>('bookings.hold', order, { key })).body?.id).toBe(booking) // the same, not another

    // The network goes. All says stale, with an age; what is asked for now waits on the device, and its process may even end.
    const kept: OutboxStorage & { text: string } = { text: '', load: () => kept.text, save: (text) => void (kept.text = text) }
    wire.cut()
    await until(trip, (s) => s.stale)
    expect(client.status()).toMatchObject({ current: false, reason: 'lost' })
    client.outbox({ storage: kept }).put({ op: 'bookings.cancel', args: { path: { id: booking } } })
    client.close()
    const other = await rider.send<{ id: string }>('POST', '/v1/bookings', { trip: id, from: from.stop, to: to.stop, party: 2 }) // meanwhile
    expect(trip.doc()?.free).toEqual(after.d.free)
    expect(trip.age()).toBeGreaterThan(0)
    for (const stop of off) stop()

    // The program starts again; what waited is done under its key. It is cut in turn, and resumes on the other node with what it holds.
    const done: CallOk[] = []
    wire.mend(stack.nodes[0]!)
    const again = new WaymeetClient({ url: wire.url, accessToken: async () => rider.token, open: (...args) => spied(open(...args), told) })
    const box = again.outbox({ storage: kept, onDone: (_, ok) => done.push(ok) })
    try {
      const day2 = again.line(line, date)
      const trip2 = again.trip(id)
      const offs = [day2.subscribe(() => undefined), trip2.subscribe(() => undefined)]
      await until(trip2, (s) => !s.stale)
      await until(day2, (s) => !s.stale)
      await expect.poll(() => done.length, { timeout: 5_000 }).toBe(1)
      expect(done[0]).toMatchObject({ status: 200, body: { id: booking, state: 'cancelled' } })
      expect(box.snapshot()).toEqual([])
      wire.cut()
      await until(day2, (s) => s.stale)
      await rider.send('POST', `/v1/bookings/${other.id}/cancel`)
      told.length = 0
      wire.mend(stack.nodes[1]!)
      again.wake()
      await until(day2, (s) => !s.stale)
      await until(trip2, (s) => !s.stale)
      expect(again.status()).toMatchObject({ state: 'open', current: true, staleSince: null })
      expect(Object.fromEntries(day2.snapshot().entities)).toEqual(await truth(rider, day2.name))
      expect(Object.fromEntries(trip2.snapshot().entities)).toEqual(await truth(rider, trip2.name))
      const resumed = told.map((t) => JSON.parse(t) as { have?: Record<string, number>; epoch?: string }).filter((f) => f.have)
      expect(resumed).toHaveLength(1)
      expect(resumed[0]?.have).toHaveProperty(`trip/${id}`)
      expect(trip2.doc()?.free).toEqual(before.d.free)
      for (const stop of offs) stop()
    } finally {
      again.close()
    }
  } finally {
    client.close()
    wire.end()
  }
})

it('connects with a ticket, as browsers do, and says when the session is over', { timeout: 15_000 }, async () => {
  const base = stack.nodes[1]!
  const rider = await new Person(base).signIn('rider')
  const open = openWith(WebSocket)
  const url = `${base.replace('http', 'ws')}/v1/realtime`
  const client = new WaymeetClient({ url, ticket: tickets(base, async () => rider.token), open: (u, p) => open(u, p, { Origin: base }) })
  const me = await until(client.me(), (s) => !s.stale)
  expect([...me.entities.keys()].some((e) => e.startsWith('user/'))).toBe(true)
  const nobody = await until(client.trip('019ab1a8-5e80-7abc-8def-0123456789ab'), (s) => s.status === 'closed')
  expect(nobody.error).toMatchObject({ code: 'not_found' })
  await expect(client.call('bookings.get', { path: { id: '019ab1a8-5e80-7abc-8def-0123456789ab' } })).rejects.toMatchObject({ code: expect.stringMatching(/not_found/) as string })
  client.close()

  await expect(tickets(base, async () => 'nonsense')()).rejects.toBeInstanceOf(SignedOut)
})

it.each([190, 256])('resumes %i channels after a cut, as many of them boards as a connection may have, within what the node allows', { timeout: 90_000 }, async (n) => {
  const dispatcher = await new Person(stack.nodes[0]!).signIn('dispatcher')
  const { line, date } = await findRide(await new Person(stack.nodes[0]!).signIn('rider'))
  const wire = await startWire(stack.nodes[0]!)
  const codes: number[] = []
  let limited = 0
  class Heard extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args)
      this.on('close', (code) => codes.push(code))
      this.on('message', (text) => (limited += String(text).includes('"rate_limited"') ? 1 : 0))
    }
  }
  const client = new WaymeetClient({ url: wire.url, accessToken: async () => dispatcher.token, open: openWith(Heard) })
  try {
    const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
    const boards = Array.from({ length: 32 }, (_, i) => client.channel(`board:${date}?from=${clock(i)}&to=23:55&line=${line}`))
    const { set } = await dispatcher.send<{ set: Record<string, unknown> }>('GET', `/v1/realtime/sets/board:${date}`)
    const trips = Object.keys(set).slice(0, n - boards.length).map((e) => client.channel(`trip:${e.slice('trip/'.length)}`))
    const all = [...boards, ...trips]
    const offs = all.map((b) => b.subscribe(() => undefined))
    const current = () => all.filter((b) => b.snapshot().status === 'current').length
    await expect.poll(current, { timeout: 30_000 }).toBe(n)
    expect(Math.min(...boards.map((b) => b.snapshot().entities.size))).toBeGreaterThan(1)

    wire.cut()
    await expect.poll(current).toBe(0)
    codes.length = 0
    wire.mend(stack.nodes[1]!)
    client.wake()
    await expect.poll(current, { timeout: 25_000 }).toBe(n)
    expect({ codes, limited }).toEqual({ codes: [], limited: 0 })
    expect(Object.fromEntries(boards.at(-1)!.snapshot().entities)).toEqual(await truth(dispatcher, boards.at(-1)!.name))
    for (const off of offs) off()
  } finally {
    client.close()
    wire.end()
  }
})

/** Writes down what is sent. */
function spied<S extends { send(text: string): void }>(ws: S, told: string[]): S {
  const send = ws.send
  ws.send = (text) => {
    told.push(text)
    send(text)
  }
  return ws
}
