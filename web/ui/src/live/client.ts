import { between, fullJitter } from './backoff'
import { parseMessage, type CallOk, type Frame, type Hello, type Signal, type SubOk, type WireError } from './frames'
import { Replica, type Snapshot } from './replica'
import type { Doc } from './merge'

export type SocketLike = {
  send(data: string): void
  close(code?: number, reason?: string): void
  onopen: ((e: unknown) => void) | null
  onmessage: ((e: { data: unknown }) => void) | null
  onclose: ((e: { code: number; reason: string }) => void) | null
  onerror: ((e: unknown) => void) | null
  readonly readyState: number
}

export type Environment = {
  now(): number
  random(): number
  setTimeout(fn: () => void, ms: number): unknown
  clearTimeout(handle: unknown): void
}

export type LiveOptions = {
  url: string
  /** A fresh single-use ticket. May throw `{ retryAfterMs }` (busy) or `{ signedOut: true }`. */
  ticket: () => Promise<string>
  /** A fresh access token, to renew the connection before `auth_exp`. */
  accessToken?: () => Promise<string>
  open?: (url: string, protocols: string[]) => SocketLike
  env?: Environment
  onSignedOut?: () => void
  onBadFrame?: (line: string) => void
}

export type LinkState = 'idle' | 'connecting' | 'open' | 'waiting' | 'ended'
export type LinkStatus = {
  state: LinkState
  /** True only while the connection is up and the node says that it is not behind. */
  current: boolean
  staleSince: number | null
  reason: 'offline' | 'lost' | 'node-behind' | 'replaced' | null
  node: string | null
}

export class CallError extends Error {
  constructor(readonly wire: WireError) {
    super(wire.message)
    this.name = 'CallError'
  }
}

type Pending = { done(ok: unknown): void; fail(err: WireError): void; timer: unknown }
type Sub = { replica: Replica; listeners: Set<() => void>; wanted: boolean; asked: boolean; drop: unknown; retry: unknown; again: boolean; gaps: number }
type QueuedCall = { op: string; key: string; args: CallArgs; resolve(ok: CallOk): void; reject(e: Error): void; sent: boolean }
export type CallArgs = { path?: Record<string, string>; query?: Record<string, string>; body?: unknown }

const PROBE_MS = 25_000 // silence after which we ask something: a browser cannot see the server's pings
const ANSWER_MS = 12_000
const LINGER_MS = 1_500 // a screen that leaves and returns at once keeps its subscription
const LIST_MAX = 50
const FINAL = new Set(['not_found', 'forbidden', 'too_many', 'bad_request', 'gone'])

const ignore = () => undefined

const browserEnv: Environment = {
  now: () => Date.now(),
  random: () => Math.random(),
  setTimeout: (fn, ms) => globalThis.setTimeout(fn, ms),
  clearTimeout: (h) => globalThis.clearTimeout(h as number),
}

/**
 * The realtime contract, version 1, from the client's side.
 *
 * Owns: one connection, what is subscribed, and a Replica per channel. The server owns the truth; after any fault the client
 * reconnects with full jitter and resubscribes with what it has. On failure nothing is thrown at a screen: its snapshot says `stale` and since when.
 */
export class LiveClient {
  private readonly env: Environment
  private readonly openSocket: (url: string, protocols: string[]) => SocketLike
  private readonly subs = new Map<string, Sub>()
  private readonly pending = new Map<number, Pending>()
  private calls: QueuedCall[] = []
  private readonly statusListeners = new Set<() => void>()
  private status_: LinkStatus = { state: 'idle', current: false, staleSince: null, reason: null, node: null }

  // owned by the connection
  private ws: SocketLike | null = null
  private hello: Hello | null = null
  private generation = 0
  private attempt = 0
  private nextId = 1
  private lastInbound = 0
  private dialTimer: unknown = null
  private probeTimer: unknown = null
  private authTimer: unknown = null
  private stableTimer: unknown = null
  private askScheduled = false
  private proofs: string[] = []
  private nextDelay: number | null = null

  constructor(private readonly opt: LiveOptions) {
    this.env = opt.env ?? browserEnv
    this.openSocket = opt.open ?? ((url, protocols) => new WebSocket(url, protocols) as unknown as SocketLike)
  }

  // ---- what screens use -------------------------------------------------

  status = (): LinkStatus => this.status_

  onStatus = (fn: () => void): (() => void) => {
    this.statusListeners.add(fn)
    return () => this.statusListeners.delete(fn)
  }

  /** Keeps `channel` subscribed until the returned function is called; `fn` runs after each change of its snapshot. */
  subscribe(channel: string, fn: () => void): () => void {
    let sub = this.subs.get(channel)
    if (!sub) {
      sub = { replica: new Replica(channel), listeners: new Set(), wanted: true, asked: false, drop: null, retry: null, again: false, gaps: 0 }
      this.subs.set(channel, sub)
    }
    const s = sub
    this.env.clearTimeout(s.drop)
    s.drop = null
    s.wanted = true
    s.listeners.add(fn)
    if (!s.asked) this.scheduleAsk()
    this.start()
    return () => {
      if (!s.listeners.delete(fn) || s.listeners.size > 0) return
      s.drop = this.env.setTimeout(() => this.forget(channel, s), LINGER_MS)
    }
  }

  /** Asks again for a channel that the server refused or closed. */
  retry(channel: string) {
    const sub = this.subs.get(channel)
    if (!sub || sub.replica.snapshot.status !== 'closed') return
    sub.asked = false
    this.scheduleAsk()
  }

  snapshot(channel: string): Snapshot | undefined {
    return this.subs.get(channel)?.replica.snapshot
  }

  /**
   * An operation of the HTTP API by its id. With a key it survives lost connections: it waits for the next one and is sent again under
   * the same key, so it happens once. Without a key a lost answer is an error, because repeating could do it twice.
   */
  call(op: string, args: CallArgs, key: string): Promise<CallOk> {
    return new Promise((resolve, reject) => {
      this.calls.push({ op, key, args, resolve, reject, sent: false })
      this.start()
      this.flushCalls()
    })
  }

  /** Best effort: false when there is nobody to tell. */
  signal(channel: string, d: Doc, more: { sig?: string; key?: string; to?: string } = {}): boolean {
    if (!this.hello || !this.ws) return false
    this.request({ signal: channel, ...more, d }, ignore, ignore)
    return true
  }

  start() {
    if (this.status_.state === 'idle') this.dial(0)
  }

  /** Ends the connection and every subscription (sign-out). */
  stop() {
    this.env.clearTimeout(this.dialTimer)
    this.teardown('ended', 'lost')
    for (const sub of this.subs.values()) {
      this.env.clearTimeout(sub.drop)
      this.env.clearTimeout(sub.retry)
    }
    this.subs.clear()
    for (const c of this.calls) c.reject(new CallError({ code: 'stopped', message: 'The connection was ended.' }))
    this.calls = []
    this.setStatus({ state: 'ended', current: false })
  }

  /** The device says that the network is back, or the page is visible again: do not wait for the back-off. */
  wake() {
    if (this.status_.state === 'waiting') {
      this.env.clearTimeout(this.dialTimer)
      this.attempt = 0
      this.dial(this.env.random() * 300)
    } else if (this.status_.state === 'open') this.probe()
  }

  /** The device says that it has no network: say stale at once instead of after a timeout. */
  offline() {
    if (this.ws) this.lose('offline')
  }

  // ---- connection ---------------------------------------------------------

  private dial(delayMs: number) {
    const generation = ++this.generation
    this.setStatus({ state: delayMs > 0 ? 'waiting' : 'connecting' })
    this.env.clearTimeout(this.dialTimer)
    this.dialTimer = this.env.setTimeout(() => {
      this.setStatus({ state: 'connecting' })
      this.opt.ticket().then(
        (ticket) => generation === this.generation && this.connect(ticket, generation),
        (e: { retryAfterMs?: number; signedOut?: boolean }) => {
          if (generation !== this.generation) return
          if (e.signedOut) {
            this.stop()
            this.opt.onSignedOut?.()
          } else this.redial(Math.max(e.retryAfterMs ?? 0, fullJitter(this.attempt++, this.env.random)))
        },
      )
    }, delayMs)
  }

  private redial(delayMs: number) {
    this.setStatus({ state: 'waiting' })
    this.dial(Math.max(1, delayMs))
  }

  private connect(ticket: string, generation: number) {
    const ws = this.openSocket(this.opt.url, ['waymeet.v1', `ticket.${ticket}`])
    this.ws = ws
    const helloTimer = this.env.setTimeout(() => ws.close(), ANSWER_MS)
    ws.onmessage = (e) => {
      if (generation !== this.generation) return
      this.lastInbound = this.env.now()
      for (const f of parseMessage(String(e.data), (line) => this.opt.onBadFrame?.(line))) {
        if (f.hello) this.env.clearTimeout(helloTimer)
        this.take(f)
      }
    }
    ws.onclose = (e) => {
      this.env.clearTimeout(helloTimer)
      if (generation === this.generation) this.lose('lost', e.code)
    }
    ws.onerror = () => undefined // a close follows, and says more
  }

  private lose(reason: 'offline' | 'lost', code = 0) {
    const wait = this.nextDelay
    this.nextDelay = null
    this.teardown('waiting', code === 4009 ? 'replaced' : reason)
    if (code === 4003) {
      this.stop()
      return
    }
    let delay = wait ?? fullJitter(this.attempt++, this.env.random)
    if (code === 4029) delay += 10_000 // we were told to slow down
    if (code === 4009) delay += 60_000 // too many of our own tabs: do not push another one out at once
    this.redial(delay)
  }

  private teardown(state: LinkState, reason: LinkStatus['reason']) {
    this.generation++
    for (const t of [this.probeTimer, this.authTimer, this.stableTimer]) this.env.clearTimeout(t)
    const ws = this.ws
    this.ws = null
    this.hello = null
    this.proofs = []
    if (ws) {
      ws.onmessage = ws.onclose = ws.onopen = null
      if (ws.readyState < 2) ws.close(1000)
    }
    const since = this.status_.staleSince ?? (this.lastInbound || this.env.now())
    const lost = [...this.pending.values()]
    this.pending.clear()
    for (const p of lost) {
      this.env.clearTimeout(p.timer)
      p.fail({ code: 'connection_lost', message: 'The connection was lost.', retry: true })
    }
    for (const sub of this.subs.values()) {
      sub.asked = false
      sub.replica.markStale(since)
      this.tell(sub)
    }
    this.setStatus({ state, current: false, staleSince: since, reason, node: null })
  }

  // ---- frames ---------------------------------------------------------------

  private take(f: Frame) {
    if (f.hello) return this.greet(f.hello)
    if (f.id !== undefined) return this.settle(f)
    if (f.bye) {
      this.nextDelay = between(f.bye.retry_ms ?? [200, 4000], this.env.random)
      this.ws?.close(1000)
      return
    }
    if (f.ch === undefined) return
    const sub = this.subs.get(f.ch)
    if (!sub || !sub.asked) return
    if (f.closed) {
      sub.asked = false
      sub.replica.close(f.closed)
      this.tell(sub)
      if (!FINAL.has(f.closed.code)) this.retrySub(sub, f.ch)
      return
    }
    if (f.key === 'node' && f.sig === 'stale') return this.nodeBehind(sub, (f.d as { since?: string } | undefined)?.since)
    if (f.key === 'node' && f.sig === 'fresh') return this.nodeHealed(f.ch, sub)
    const applied = sub.replica.push(f)
    if (applied === 'gap' && ++sub.gaps > 3) sub.replica.reset() // asking for the difference did not mend it: take it whole
    if (applied === 'gap') this.resync(f.ch, sub)
    else if (applied === 'applied') {
      sub.gaps = 0
      this.tell(sub)
    }
  }

  private greet(hello: Hello) {
    this.hello = hello
    this.stableTimer = this.env.setTimeout(() => (this.attempt = 0), 5_000) // a node that dies on hello must not reset the back-off
    const left = hello.auth_exp * 1000 - this.env.now()
    this.authTimer = this.env.setTimeout(() => void this.renew(), Math.max(5_000, Math.min(left - 60_000, left * 0.8)))
    this.setStatus({ state: 'open', current: this.subs.size === 0, reason: null, node: hello.node })
    this.ask()
    this.flushCalls()
    this.armProbe()
  }

  private async renew() {
    if (!this.opt.accessToken) return
    const ws = this.ws
    let auth: string
    try {
      auth = await this.opt.accessToken()
    } catch {
      return // the server will close with 4001 when the credential ends; the next ticket then tells whether we are signed out
    }
    if (this.ws !== ws) return
    this.request(
      { auth },
      (ok) => {
        const exp = (ok as { auth_exp?: number } | undefined)?.auth_exp
        const left = exp ? exp * 1000 - this.env.now() : 8 * 60_000
        this.authTimer = this.env.setTimeout(() => void this.renew(), Math.max(5_000, left * 0.8))
      },
      ignore,
    )
  }

  /** The node says of a channel that it may be behind: it lost the others' news and reads the truth anew. */
  private nodeBehind(sub: Sub, since?: string) {
    const now = this.env.now()
    const at = Math.min(since ? Date.parse(since) || now : now, now)
    sub.replica.markStale(at)
    this.tell(sub)
    this.setStatus({ current: false, staleSince: this.status_.staleSince ?? at, reason: 'node-behind' })
  }

  /** The node has healed the channel. We ask for the difference all the same: what we hold is proven, not assumed. */
  private nodeHealed(ch: string, sub: Sub) {
    if (sub.again || sub.replica.snapshot.status === 'closed') return
    if (sub.replica.snapshot.entities.size > 1) return this.resync(ch, sub)
    sub.again = true
    this.proofs.push(ch)
    if (this.proofs.length > 1) return
    this.env.setTimeout(() => {
      const due = this.proofs.splice(0).filter((c) => this.subs.get(c)?.asked)
      while (due.length > 0) this.askList(due.splice(0, LIST_MAX))
    }, 5) // the node tells of each channel in turn: one question for all of them
  }

  // ---- subscriptions -----------------------------------------------------

  private scheduleAsk() {
    if (this.askScheduled) return
    this.askScheduled = true
    queueMicrotask(() => {
      this.askScheduled = false
      this.ask()
    })
  }

  /** Subscribes to whatever is wanted and not asked for: what can be resumed one by one, what is new in lists. */
  private ask() {
    if (!this.hello) return
    const fresh: string[] = []
    for (const [ch, sub] of this.subs) {
      if (!sub.wanted || sub.asked) continue
      const have = sub.replica.have(this.hello.epoch)
      // A resumption costs a request; for a set of one small document, asking whole in a list is cheaper for both sides.
      if (have && Object.keys(have).length > 1) this.askOne(ch, sub, have)
      else fresh.push(ch)
    }
    while (fresh.length > 0) this.askList(fresh.splice(0, LIST_MAX))
  }

  private askOne(ch: string, sub: Sub, have: Record<string, number> | undefined) {
    const hello = this.hello
    if (!hello) return
    sub.asked = true
    const resumed = have !== undefined
    this.request(
      resumed ? { sub: ch, have, epoch: hello.epoch } : { sub: ch },
      (ok) => this.answered(ch, sub, ok as SubOk, hello.epoch, resumed),
      (err) => this.refused(ch, sub, err),
    )
  }

  private askList(channels: string[]) {
    const hello = this.hello
    const first = channels[0]
    if (!hello || first === undefined) return
    const subs = channels.map((ch) => [ch, this.subs.get(ch)] as const)
    if (channels.length === 1) {
      const sub = this.subs.get(first)
      if (sub) this.askOne(first, sub, undefined)
      return
    }
    for (const [, sub] of subs) if (sub) sub.asked = true
    this.request(
      { sub: channels },
      (ok) => {
        const byChannel = ok as Record<string, SubOk>
        for (const [ch, sub] of subs) {
          if (!sub) continue
          const one = byChannel[ch]
          if (!one) this.refused(ch, sub, { code: 'not_found', message: 'The server did not answer for this channel.' })
          else if (one.err) this.refused(ch, sub, one.err)
          else this.answered(ch, sub, one, hello.epoch, false)
        }
      },
      (err) => {
        for (const [ch, sub] of subs) if (sub) this.refused(ch, sub, err)
      },
    )
  }

  private answered(ch: string, sub: Sub, ok: SubOk, epoch: string, resumed: boolean) {
    if (this.subs.get(ch) !== sub) return
    sub.asked = true
    if (sub.replica.answer(ok, epoch, resumed) === 'gap') {
      sub.replica.reset()
      this.askOne(ch, sub, undefined)
      return
    }
    sub.again = false
    this.tell(sub)
    this.settleStatus()
  }

  private refused(ch: string, sub: Sub, err: WireError) {
    sub.again = false
    if (err.code === 'connection_lost' || this.subs.get(ch) !== sub) return
    sub.asked = false
    if (FINAL.has(err.code)) {
      sub.replica.close(err)
      sub.asked = true // nothing more to ask until somebody subscribes anew
      this.tell(sub)
      this.settleStatus()
    } else this.retrySub(sub, ch)
  }

  private retrySub(sub: Sub, ch: string) {
    this.env.clearTimeout(sub.retry)
    sub.retry = this.env.setTimeout(() => {
      if (this.subs.get(ch) === sub && !sub.asked && sub.wanted) this.ask()
    }, 500 + this.env.random() * 2_500)
  }

  /** Asks for the difference between what we hold and what the node holds, once at a time. */
  private resync(ch: string, sub: Sub) {
    if (!this.hello || sub.again) return
    sub.again = true
    this.askOne(ch, sub, sub.replica.have(this.hello.epoch))
  }

  private forget(ch: string, sub: Sub) {
    if (sub.listeners.size > 0 || this.subs.get(ch) !== sub) return
    this.subs.delete(ch)
    if (this.hello && sub.asked && sub.replica.snapshot.status !== 'closed') this.request({ unsub: ch }, ignore, ignore)
  }

  // ---- requests ---------------------------------------------------------------

  /** `done` runs inside the frame that answers, not a microtask later: pushes joined to the same message must find the set in place. */
  private request(body: Record<string, unknown>, done: (ok: unknown) => void, fail: (err: WireError) => void) {
    const ws = this.ws
    if (!ws) return fail({ code: 'connection_lost', message: 'Not connected.', retry: true })
    const id = this.nextId++
    const timer = this.env.setTimeout(() => {
      this.pending.delete(id)
      fail({ code: 'connection_lost', message: 'No answer in time.', retry: true })
      if (this.ws === ws) this.lose('lost') // half-open: the only sign a browser gets
    }, ANSWER_MS)
    this.pending.set(id, { done, fail, timer })
    ws.send(JSON.stringify({ id, ...body }))
  }

  private settle(f: Frame) {
    const p = this.pending.get(f.id as number)
    if (!p) return
    this.pending.delete(f.id as number)
    this.env.clearTimeout(p.timer)
    if (f.err) p.fail(f.err)
    else p.done(f.ok)
  }

  private flushCalls() {
    if (!this.hello) return
    for (const c of this.calls) {
      if (c.sent) continue
      c.sent = true
      this.request(
        { call: c.op, key: c.key, args: c.args },
        (ok) => {
          this.calls = this.calls.filter((x) => x !== c)
          c.resolve(ok as CallOk)
        },
        (err) => {
          c.sent = false
          if (err.code === 'connection_lost') return // sent again, same key, on the next connection
          if (err.retry) {
            this.env.setTimeout(() => this.flushCalls(), 500 + this.env.random() * 2_500)
            return
          }
          this.calls = this.calls.filter((x) => x !== c)
          c.reject(new CallError(err))
        },
      )
    }
  }

  private armProbe() {
    this.env.clearTimeout(this.probeTimer)
    this.probeTimer = this.env.setTimeout(() => {
      if (this.env.now() - this.lastInbound >= PROBE_MS - 1_000) this.probe()
      this.armProbe()
    }, PROBE_MS)
  }

  /** Asks for the difference of one channel: proves that the line lives and, on the way, that we hold what the server holds. */
  private probe() {
    if (!this.hello) return
    for (const [ch, sub] of this.subs) {
      if (sub.asked && sub.replica.snapshot.status === 'current') {
        this.resync(ch, sub)
        return
      }
    }
  }

  // ---- telling ------------------------------------------------------------------

  private tell(sub: Sub) {
    for (const fn of [...sub.listeners]) fn()
  }

  /** Current again once every channel that is not closed has been answered. */
  private settleStatus() {
    if (this.status_.state !== 'open') return
    for (const sub of this.subs.values()) {
      if (sub.replica.snapshot.status === 'stale') return
    }
    this.setStatus({ current: true, staleSince: null, reason: null })
  }

  private setStatus(change: Partial<LinkStatus>) {
    const next = { ...this.status_, ...change }
    if ((Object.keys(next) as (keyof LinkStatus)[]).every((k) => next[k] === this.status_[k])) return
    this.status_ = next
    for (const fn of [...this.statusListeners]) fn()
  }
}

export type { Signal }
