import { Asking, FINAL, type Sub } from './asking.js'
import type { Frame, Hello, Signal } from './frames.js'
import { callOut, type Environment } from './platform.js'
import { emptySnapshot, Replica, type Snapshot } from './replica.js'
import type { Requests } from './requests.js'
import type { StatusBoard } from './status.js'

const GAPS_MAX = 3

/**
 * What is subscribed, and a Replica of each. The server owns the truth: after any fault we ask for the difference to what we hold.
 * On failure nothing is thrown at a screen: its snapshot says `stale` and since when. @internal
 */
export class Subscriptions {
  private readonly subs = new Map<string, Sub>()
  private readonly asking: Asking
  private connected = false

  constructor(
    private readonly env: Environment,
    requests: Requests,
    private readonly board: StatusBoard,
    private readonly lingerMs: number,
  ) {
    this.asking = new Asking(env, requests, this.subs, (sub) => {
      this.tell(sub)
      this.settle()
    })
  }

  // ---- for handles ------------------------------------------------------

  listen(channel: string, fn: (s: Snapshot) => void): () => void {
    const sub = this.want(channel)
    const own = (s: Snapshot) => fn(s) // one function may listen twice
    sub.listeners.add(own)
    return () => sub.listeners.delete(own) && this.release(channel, sub)
  }

  hear(channel: string, fn: (s: Signal) => void): () => void {
    const sub = this.want(channel)
    const own = (s: Signal) => fn(s)
    sub.hearers.add(own)
    return () => sub.hearers.delete(own) && this.release(channel, sub)
  }

  snapshot(channel: string): Snapshot {
    return this.subs.get(channel)?.replica.snapshot ?? emptySnapshot
  }

  /** Asks again for a channel that was refused or ended. */
  retry(channel: string) {
    const sub = this.subs.get(channel)
    if (!sub || sub.replica.snapshot.status !== 'closed') return
    this.env.clearTimeout(sub.retry)
    sub.retry = null
    sub.asked = false
    this.asking.want(channel, sub)
  }

  private want(channel: string): Sub {
    let sub = this.subs.get(channel)
    if (!sub) {
      sub = { replica: new Replica(channel), listeners: new Set(), hearers: new Set(), asked: false, live: false, again: false, whole: false, gaps: 0, drop: null, retry: null }
      this.subs.set(channel, sub)
    }
    this.env.clearTimeout(sub.drop)
    if (!sub.asked) this.asking.want(channel, sub)
    return sub
  }

  /** A screen that leaves and returns at once keeps its subscription. */
  private release(channel: string, sub: Sub) {
    if (sub.listeners.size + sub.hearers.size > 0) return
    this.env.clearTimeout(sub.drop)
    sub.drop = this.env.setTimeout(() => this.forget(channel, sub), this.lingerMs)
  }

  private forget(channel: string, sub: Sub) {
    if (sub.listeners.size + sub.hearers.size > 0 || this.subs.get(channel) !== sub) return
    this.subs.delete(channel)
    this.asking.leave(channel, sub)
    this.settle() // it may have been the last that was stale
  }

  // ---- from the link ----------------------------------------------------

  opened(hello: Hello) {
    this.connected = true
    if (this.subs.size === 0) this.board.proven()
    this.asking.opened(hello)
  }

  lost(since: number) {
    this.connected = false
    this.asking.lost()
    for (const sub of this.subs.values()) {
      sub.asked = sub.live = sub.again = false
      sub.replica.markStale(since)
      this.tell(sub)
    }
  }

  ended() {
    for (const sub of this.subs.values()) {
      this.env.clearTimeout(sub.drop)
      this.env.clearTimeout(sub.retry)
      this.tell(sub) // whoever iterates ends
    }
  }

  pushed(f: Frame) {
    if (f.ch === undefined) return
    const ch = f.ch
    const sub = this.subs.get(ch)
    if (!sub?.asked) return
    if (f.closed) {
      sub.asked = sub.live = sub.again = false
      this.asking.ended(ch)
      sub.replica.close(f.closed, this.env.now())
      this.tell(sub)
      this.settle()
      if (!FINAL.has(f.closed.code)) this.asking.retryLater(ch, sub)
      return
    }
    if (!sub.live) return // no push precedes the answer; if one does, it is not for what we hold
    if (f.sig !== undefined && f.key === 'node') {
      if (f.sig === 'stale') this.behind(sub, (f.d as { since?: string } | undefined)?.since)
      else if (f.sig === 'fresh') this.asking.prove(ch, sub)
      return
    }
    const applied = sub.replica.push(f)
    if (applied === 'gap') {
      if (++sub.gaps > GAPS_MAX) sub.replica.doubt() // asking for the difference did not mend it: take it whole
      this.asking.resync(ch, sub)
    } else if (applied === 'applied') {
      if (f.sig === undefined) sub.gaps = 0
      else for (const fn of [...sub.hearers]) callOut(() => fn(f as unknown as Signal))
      this.tell(sub)
    }
  }

  /** Asks for the difference of one channel: proves that the line lives and, on the way, that we hold what the server holds. */
  probe() {
    for (const [ch, sub] of this.subs) {
      if (sub.live && sub.replica.snapshot.status === 'current') return this.asking.resync(ch, sub)
    }
  }

  /** The node says of a channel that it may be behind: it lost the others' news and reads the truth anew. */
  private behind(sub: Sub, since?: string) {
    const now = this.env.now()
    const at = Math.min(since ? Date.parse(since) || now : now, now)
    sub.replica.markStale(at)
    this.tell(sub)
    this.board.behind(at)
  }

  // ---- telling ------------------------------------------------------------

  private tell(sub: Sub) {
    for (const fn of [...sub.listeners]) callOut(() => fn(sub.replica.snapshot))
  }

  /** Current again once no channel is stale. */
  private settle() {
    for (const sub of this.subs.values()) if (sub.replica.snapshot.status === 'stale') return
    if (this.connected) this.board.proven()
  }
}
