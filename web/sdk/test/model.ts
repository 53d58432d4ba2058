import { mergePatch, type Doc, type Json } from '../src/index.js'
import type { Clock } from './fakes.js'
import { Wire } from './fakes.js'

/** mulberry32: a run is its seed. */
export function seeded(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The RFC 7396 patch that makes `b` of `a`. */
export function diff(a: Doc, b: Doc): Doc {
  const out: Doc = {}
  for (const k of Object.keys(a)) if (!(k in b)) out[k] = null
  for (const [k, v] of Object.entries(b)) {
    const old = a[k]
    if (JSON.stringify(old) === JSON.stringify(v)) continue
    out[k] = isDoc(old) && isDoc(v) ? diff(old, v) : v
  }
  return out
}
const isDoc = (x: Json | undefined): x is Doc => typeof x === 'object' && x !== null && !Array.isArray(x)

type Entity = { v: number; d: Doc | null; past: Map<number, Doc> }
type Conn = { wire: Wire; subs: Map<string, Map<string, number>>; out: unknown[]; dead: boolean; busy: boolean }

/**
 * A server that keeps the contract and whose network does not: frames come late, connections drop or fall silent, nodes leave, news
 * get lost until the node notices (it then says `stale`, later `fresh`), and a restored database rewinds versions under a new epoch.
 */
export class Model {
  epoch = 1
  faults = true
  readonly truth = new Map<string, Map<string, Entity>>()
  readonly conns: Conn[] = []
  readonly executed = new Map<string, number>() // by idempotency key
  /** The epoch of the last answer that a channel got. */
  readonly answered = new Map<string, number>()

  constructor(
    private readonly clock: Clock,
    private readonly rnd: () => number,
    channels: string[],
  ) {
    for (const ch of channels) {
      this.truth.set(ch, new Map())
      for (let i = 0; i < 1 + this.int(6); i++) this.change(ch)
    }
  }

  int = (n: number) => Math.floor(this.rnd() * n)
  chance = (p: number) => this.faults && this.rnd() < p
  private pick<T>(xs: T[]): T {
    return xs[this.int(xs.length)] as T
  }

  // ---- what happens in the world -------------------------------------------

  /** One committed change of one entity: made, changed, gone, or back. */
  change(ch: string) {
    const set = this.truth.get(ch)!
    const name = `trip/${this.int(6)}`
    const e = set.get(name) ?? { v: 0, d: null, past: new Map() }
    set.set(name, e)
    e.v++
    e.d = e.d && this.rnd() < 0.15 ? null : this.edited(e.d ?? {})
    if (e.d) e.past.set(e.v, e.d)
    for (const c of this.conns) this.publish(c, ch, name)
  }

  private edited(d: Doc): Doc {
    const patch: Doc = {}
    for (let i = 0; i <= this.int(3); i++) patch[this.pick(['n', 'm', 'o'])] = this.pick<Json>([this.int(99), 'x', [1, this.int(9)], { a: this.int(9) }, { b: { c: this.int(9) } }, null])
    return mergePatch(d, patch) as Doc
  }

  /** A restore: the same entities, other documents, versions that may be lower than what clients hold. All connections end. */
  restore() {
    this.epoch++
    for (const set of this.truth.values()) {
      for (const e of set.values()) {
        e.v = Math.max(1, e.v - this.int(4))
        e.past.clear()
        if (e.d) e.past.set(e.v, (e.d = this.edited(e.d)))
      }
    }
    for (const c of [...this.conns]) this.drop(c)
  }

  fault() {
    const c = this.pick(this.conns)
    if (!c) return
    const kind = this.int(5)
    if (kind === 0) this.drop(c, this.pick([1006, 1012, 4001, 4008]))
    else if (kind === 1) c.dead = true // half-open: nobody is told
    else if (kind === 2) {
      this.send(c, { bye: { reason: 'drain', retry_ms: [50, 300] } })
      this.clock.env.setTimeout(() => this.drop(c, 1012), 100)
    } else if (kind === 3) this.restore()
    else for (const ch of c.subs.keys()) this.send(c, { ch, sig: 'stale', key: 'node', d: {} }, { ch, sig: 'fresh', key: 'node', d: {} })
  }

  /** The faults are over: what nodes missed they read anew, and say so. */
  heal() {
    this.faults = false
    for (const c of this.conns) for (const ch of c.subs.keys()) this.send(c, { ch, sig: 'stale', key: 'node', d: {} }, { ch, sig: 'fresh', key: 'node', d: {} })
  }

  // ---- connections ---------------------------------------------------------

  open = (url: string, protocols: string[]): Wire => {
    const wire = new Wire(url, protocols)
    const c: Conn = { wire, subs: new Map(), out: [], dead: false, busy: false }
    this.conns.push(c)
    const { epoch } = this
    let arrived = 0 // a socket keeps the order, also of what it brings us
    wire.send = (text) => {
      arrived = Math.max(arrived, this.clock.t + this.int(40))
      if (!c.dead) this.clock.env.setTimeout(() => !this.gone(c) && this.take(c, JSON.parse(text) as Request), arrived - this.clock.t)
    }
    wire.close = () => {
      wire.readyState = 3
      this.forget(c)
      this.clock.env.setTimeout(() => wire.onclose?.({ code: 1000, reason: '' }), this.int(40))
    }
    this.send(c, { hello: { conn: 'c', node: 'n', user: 'user/1', epoch: `e${epoch}`, ping_ms: 25_000, max_frame: 65_536, auth_exp: 9_999_999_999 } })
    if (this.chance(0.1)) this.clock.env.setTimeout(() => this.drop(c), this.int(200)) // refused, or lost at once
    return wire
  }

  private gone = (c: Conn) => c.dead || !this.conns.includes(c)
  private forget = (c: Conn) => void (this.conns.includes(c) && this.conns.splice(this.conns.indexOf(c), 1))

  private drop(c: Conn, code = 1006) {
    if (!this.conns.includes(c)) return
    this.forget(c)
    c.out = []
    c.wire.drop(code)
  }

  /** Frames of a connection keep their order; some travel in one message. */
  private send(c: Conn, ...frames: unknown[]) {
    c.out.push(...frames)
    if (c.busy) return
    c.busy = true
    this.clock.env.setTimeout(() => {
      c.busy = false
      if (this.gone(c)) return
      const n = 1 + this.int(4)
      const now = c.out.splice(0, n)
      if (c.out.length > 0) this.send(c)
      c.wire.say(...now.map((f) => (typeof f === 'function' ? (f as () => unknown)() : f)))
    }, this.int(60))
  }

  private publish(c: Conn, ch: string, name: string) {
    const sent = c.subs.get(ch)
    const e = this.truth.get(ch)?.get(name)
    if (!sent || !e || this.gone(c)) return
    const had = sent.get(name)
    if (this.chance(0.05)) return // a slow client's backlog: the next change tells of this one too
    sent.set(name, e.v)
    if (this.chance(0.03)) return // the news got lost, and nobody knows
    const before = had === undefined ? undefined : e.past.get(had)
    if (!e.d) this.send(c, { ch, e: name, v: e.v, gone: true })
    else if (before && this.rnd() < 0.8) this.send(c, { ch, e: name, v: e.v, ...(had === e.v - 1 ? {} : { from: had }), p: diff(before, e.d) })
    else this.send(c, { ch, e: name, v: e.v, d: e.d })
  }

  private take(c: Conn, r: Request) {
    if (r.call !== undefined) {
      const done = this.executed.get(r.key!) ?? this.executed.set(r.key!, this.executed.size + 1).get(r.key!)!
      if (this.chance(0.1)) return this.send(c, { id: r.id, err: { code: 'busy', message: '', retry: true } })
      return this.send(c, { id: r.id, ok: { status: 201, body: { done } } })
    }
    if (r.unsub !== undefined) {
      c.subs.delete(r.unsub)
      return this.send(c, { id: r.id, ok: {} })
    }
    if (r.sub === undefined) return this.send(c, { id: r.id, ok: {} })
    if (this.chance(0.05)) return this.send(c, { id: r.id, err: { code: 'rate_limited', message: '', retry: true } })
    if (Array.isArray(r.sub)) {
      const answers = r.sub.map((ch) => [ch, this.set(c, ch, undefined)] as const)
      this.send(c, () => this.note(r.sub as string[]) && { id: r.id, ok: Object.fromEntries(answers.map(([ch, a]) => [ch, { set: a.set }])) })
      return
    }
    const ch = r.sub
    const { set, gone } = this.set(c, ch, r.epoch === `e${this.epoch}` ? r.have : undefined)
    const items = Object.entries(set)
    const split = items.length > 2 && this.rnd() < 0.4 ? 1 + this.int(items.length - 1) : items.length
    const more = split < items.length
    this.send(c, () => this.note([ch]) && { id: r.id, ok: { set: Object.fromEntries(items.slice(0, split)), ...(gone.length > 0 ? { gone } : {}), ...(more ? { more } : {}) } })
    if (more) this.send(c, { ch, set: Object.fromEntries(items.slice(split)) })
    // What was pushed while the set was read comes again.
    const [name, item] = items[0] ?? []
    if (name && item?.d && this.rnd() < 0.3) this.send(c, { ch, e: name, v: item.v, d: item.d })
  }

  private note(channels: string[]): true {
    for (const ch of channels) this.answered.set(ch, this.epoch)
    return true
  }

  private set(c: Conn, ch: string, have: Record<string, number> | undefined) {
    const set: Record<string, { v: number; d?: Doc; p?: Doc; from?: number }> = {}
    const sent = new Map<string, number>()
    for (const [name, e] of this.truth.get(ch)!) {
      if (!e.d) continue
      sent.set(name, e.v)
      const had = have?.[name]
      if (had === e.v) continue
      const before = had === undefined ? undefined : e.past.get(had)
      set[name] = before && this.rnd() < 0.7 ? { v: e.v, from: had!, p: diff(before, e.d) } : { v: e.v, d: e.d }
    }
    c.subs.set(ch, sent)
    return { set, gone: Object.keys(have ?? {}).filter((n) => !sent.has(n)) }
  }
}

type Request = { id: number; sub?: string | string[]; have?: Record<string, number>; epoch?: string; unsub?: string; call?: string; key?: string }
