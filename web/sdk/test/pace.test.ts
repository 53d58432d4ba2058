import { beforeEach, describe, expect, it } from 'vitest'
import { WaymeetClient } from '../src/index.js'
import { Clock } from './fakes.js'
import { Metered } from './metered.js'

let clock: Clock
let node: Metered
let client: WaymeetClient
beforeEach(() => {
  clock = new Clock()
  node = new Metered(clock)
  client = new WaymeetClient({ url: 'ws://x', ticket: async () => 't', open: node.open, env: clock.env })
})

const named = (n: number, kind = 'line') => Array.from({ length: n }, (_, i) => `${kind}:${i}`)
const listen = (channels: string[]) => channels.map((ch) => client.channel(ch).subscribe(() => undefined))
const current = (channels: string[]) => channels.filter((ch) => client.channel(ch).snapshot().status === 'current').length

describe('asking', () => {
  it.each([190, 256])('resumes %i wide channels after a cut without one refusal', async (n) => {
    const all = named(n)
    listen(all)
    await clock.pass(5_000)
    expect(current(all)).toBe(n)
    node.cut()
    await clock.pass(2_000)
    node.up = true
    const from = node.told.length
    await clock.pass(15_000)
    expect(current(all)).toBe(n)
    expect(node.channels(from).sort()).toEqual([...all].sort()) // each once
    expect({ refused: node.refused, floods: node.floods }).toEqual({ refused: 0, floods: 0 })
    expect(client.status()).toMatchObject({ state: 'open', current: true })
  })

  it('asks for what is new before what is resumed, and lets calls and signals through meanwhile', async () => {
    const all = named(256)
    listen(all.slice(0, 200))
    await clock.pass(5_000)
    node.cut()
    await clock.pass(2_000)
    node.up = true
    while (client.status().state !== 'open') await clock.pass(10)
    await clock.pass(1_500) // the burst is spent
    expect(current(all)).toBeLessThan(120)
    const fresh = named(30, 'new')
    listen(fresh)
    let called = 0
    for (let i = 0; i < 15; i++) void client.call('lines.list').then(() => called++)
    for (let i = 0; i < 3; i++) client.channel(all[i]!).signal({ n: i })
    await clock.pass(500)
    expect({ fresh: current(fresh), called }).toEqual({ fresh: 30, called: 15 })
    await clock.pass(12_000)
    expect(current(all.slice(0, 200))).toBe(200)
    expect(node.refused).toBe(0)
  })

  it('proves hundreds of healed channels at the same pace, and what was resumed first is not forgotten', async () => {
    const wide = named(120)
    const small = named(120, 'small')
    listen([...wide, ...small])
    await clock.pass(8_000)
    const wire = node.wires.at(-1)!
    const from = node.told.length
    wire.say(...[...wide, ...small].map((ch) => ({ ch, sig: 'stale', key: 'node', d: {} })))
    wire.say(...[...wide, ...small].map((ch) => ({ ch, sig: 'fresh', key: 'node', d: {} })))
    for (let i = 0; i < 40; i++) {
      await clock.pass(250)
      listen([`new:${i}`]) // somebody goes from screen to screen
    }
    expect(current([...wide, ...small])).toBe(240)
    expect(node.channels(from).filter((ch) => !ch.startsWith('new:')).sort()).toEqual([...wide, ...small].sort())
    expect({ refused: node.refused, floods: node.floods }).toEqual({ refused: 0, floods: 0 })
  })

  it('does not ask for what was left while it waited, and leaves hundreds without a refusal', async () => {
    const all = named(250)
    const offs = listen(all)
    await clock.pass(5_000)
    node.cut()
    await clock.pass(2_000)
    node.up = true
    while (client.status().state !== 'open') await clock.pass(10)
    await clock.pass(1_000)
    const from = node.told.length
    for (const off of offs.slice(100)) off()
    await clock.pass(20_000)
    const asked = new Set(node.channels())
    expect(asked.size).toBe(250)
    const late = node.told.slice(from).filter((r) => r.sub !== undefined && r.at > node.told[from]!.at + 2_000)
    expect(late.flatMap((r) => r.sub).filter((ch) => all.indexOf(ch as string) >= 100)).toEqual([])
    expect(current(all.slice(0, 100))).toBe(100)
    for (const off of offs.slice(0, 100)) off()
    await clock.pass(20_000)
    const left = new Set(node.told.flatMap((r) => r.unsub ?? []))
    expect(all.slice(0, 100).filter((ch) => !left.has(ch))).toEqual([])
    expect(node.refused).toBe(0)
  })

  it('keeps what is wanted again before its leaving was told', async () => {
    const all = named(200)
    const offs = listen(all)
    await clock.pass(5_000)
    for (const off of offs) off()
    await clock.pass(1_600) // lingered, and some were left
    listen(all)
    await clock.pass(20_000)
    expect(current(all)).toBe(200)
    const subscribed = new Set<string>()
    for (const r of node.told) {
      for (const ch of [r.sub ?? []].flat()) subscribed.add(ch)
      if (r.unsub !== undefined) subscribed.delete(r.unsub)
    }
    expect(subscribed.size).toBe(200)
    expect(node.refused).toBe(0)
  })

  it('heals what turns out to be wrong before the rest is proven', async () => {
    const all = named(200)
    listen(all)
    await clock.pass(8_000)
    const wire = node.wires.at(-1)!
    wire.say(...all.map((ch) => ({ ch, sig: 'fresh', key: 'node', d: {} })))
    await clock.pass(1_500)
    const from = node.told.length
    wire.say({ ch: all[199], e: `${all[199]}/a`, v: 9, p: { n: 9 } })
    await clock.pass(100)
    expect(node.channels(from).slice(0, 4)).toContain(all[199])
  })

  it('forgets all that waited when the connection is lost', async () => {
    const all = named(256)
    listen(all)
    await clock.pass(8_000)
    node.cut()
    await clock.pass(2_000)
    node.up = true
    while (client.status().state !== 'open') await clock.pass(10)
    await clock.pass(500) // half way through
    node.cut()
    const from = node.told.length
    await clock.pass(5_000)
    expect(node.told.length).toBe(from)
    node.up = true
    await clock.pass(30_000)
    expect(current(all)).toBe(256)
    expect(node.channels(from).sort()).toEqual([...all].sort())
    expect(node.refused).toBe(0)
  })

  it('goes slower where an operator allows less, and is not closed for it', async () => {
    node.burst = 10
    node.perS = 5
    const all = named(256)
    listen(all)
    await clock.pass(30_000)
    expect(current(all)).toBe(256)
    node.cut()
    await clock.pass(2_000)
    node.up = true
    await clock.pass(180_000)
    expect(current(all)).toBe(256)
    expect(node.floods).toBe(0)
  })

  it('keeps no more unanswered than a slow node can take', async () => {
    node.delay = 3_000
    const all = named(100)
    listen(all)
    await clock.pass(20_000)
    node.cut()
    await clock.pass(2_000)
    node.up = true
    const from = node.told.length
    while (client.status().state !== 'open') await clock.pass(10)
    await clock.pass(2_500)
    expect(node.told.length - from).toBe(16)
    await clock.pass(40_000)
    expect(current(all)).toBe(100)
  })

  it('does not take a node for dead that answers one after the other', async () => {
    const all = named(40)
    listen(all)
    await clock.pass(5_000)
    node.cut()
    await clock.pass(2_000)
    node.up = true
    node.turn = 1_000
    await clock.pass(5_000)
    const { length } = node.wires
    await clock.pass(60_000)
    expect(current(all)).toBe(40)
    expect(node.wires.length).toBe(length)
    node.turn = 100_000 // and now it says nothing
    node.up = false
    client.wake()
    await clock.pass(11_000)
    expect(client.status().state).toBe('open')
    await clock.pass(1_500)
    expect(client.status().state).not.toBe('open')
  })

  it('sends hundreds of calls that waited at a pace, each once', async () => {
    const done: Promise<unknown>[] = []
    node.up = false
    for (let i = 0; i < 250; i++) done.push(client.call('bookings.hold', {}, { key: `k${i}` }))
    await clock.pass(100)
    node.up = true
    await clock.pass(40_000)
    await Promise.all(done)
    expect(node.told.filter((r) => r.call).length).toBe(250)
    expect({ refused: node.refused, floods: node.floods }).toEqual({ refused: 0, floods: 0 })
  })
})
