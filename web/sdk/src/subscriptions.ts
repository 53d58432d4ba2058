import type { Frame, Hello, Signal, SubOk, WireError } from './frames.js'
import type { Environment } from './platform.js'
import { emptySnapshot, Replica, type Snapshot } from './replica.js'
import type { Requests } from './requests.js'
import type { StatusBoard } from './status.js'

type Sub = {
  replica: Replica
  listeners: Set<(s: Snapshot) => void>
  hearers: Set<(s: Signal) => void>
  asked: boolean // nothing to ask: a question is on its way, was answered, or was refused for good
  live: boolean // answered on this connection: pushes apply
  again: boolean // a question for the difference is on its way
  gaps: number
  drop: unknown
  retry: unknown
}

const LIST_MAX = 50
const GAPS_MAX = 3
const PROOF_MS = 5
const RETRY_MS: readonly [number, number] = [500, 3_000]
const FINAL = new Set(['not_found', 'forbidden', 'too_many', 'bad_request', 'gone'])

/**
 * What is subscribed, and a Replica of each. The server owns the truth: after any fault we ask for the difference to what we hold.
 * On failure nothing is thrown at a screen: its snapshot says `stale` and since when. @internal
 */
export class Subscriptions {
  private readonly subs = new Map<string, Sub>()
  private hello: Hello | null = null
  private askScheduled = false
  private proofs: string[] = []

  constructor(
    private readonly env: Environment,
    private readonly requests: Requests,
    private readonly board: StatusBoard,
    private readonly lingerMs: number,
  ) {}

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
    sub.asked = false
    this.scheduleAsk()
  }

  private want(channel: string): Sub {
    let sub = this.subs.get(channel)
    if (!sub) {
      sub = { replica: new Replica(channel), listeners: new Set(), hearers: new Set(), asked: false, live: false, again: false, gaps: 0, drop: null, retry: null }
      this.subs.set(channel, sub)
    }
    this.env.clearTimeout(sub.drop)
    if (!sub.asked) this.scheduleAsk()
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
    this.env.clearTimeout(sub.retry)
    if (sub.asked && sub.replica.snapshot.status !== 'closed') this.requests.send({ unsub: channel })
    this.settle() // it may have been the last that was stale
  }

  // ---- from the link ----------------------------------------------------

  opened(hello: Hello) {
    this.hello = hello
    if (this.subs.size === 0) this.board.proven()
    this.ask()
  }

  lost(since: number) {
    this.hello = null
    this.proofs = []
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
      sub.asked = sub.live = false
      sub.replica.close(f.closed, this.env.now())
      this.tell(sub)
      this.settle()
      if (!FINAL.has(f.closed.code)) this.retryLater(ch, sub)
      return
    }
    if (!sub.live) return // no push precedes the answer; if one does, it is not for what we hold
    if (f.sig !== undefined && f.key === 'node') {
      if (f.sig === 'stale') this.behind(sub, (f.d as { since?: string } | undefined)?.since)
      else if (f.sig === 'fresh') this.healed(ch, sub)
      return
    }
    const applied = sub.replica.push(f)
    if (applied === 'gap') {
      if (++sub.gaps > GAPS_MAX) sub.replica.doubt() // asking for the difference did not mend it: take it whole
      this.resync(ch, sub)
    } else if (applied === 'applied') {
      if (f.sig === undefined) sub.gaps = 0
      else for (const fn of [...sub.hearers]) fn(f as unknown as Signal)
      this.tell(sub)
    }
  }

  /** Asks for the difference of one channel: proves that the line lives and, on the way, that we hold what the server holds. */
  probe() {
    for (const [ch, sub] of this.subs) {
      if (sub.live && sub.replica.snapshot.status === 'current') return this.resync(ch, sub)
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

  /** The node has healed the channel. We ask for the difference all the same: what we hold is proven, not assumed. */
  private healed(ch: string, sub: Sub) {
    if (sub.again) return
    if (sub.replica.snapshot.entities.size > 1) return this.resync(ch, sub)
    sub.again = true
    this.proofs.push(ch)
    if (this.proofs.length > 1) return
    this.env.setTimeout(() => {
      const due = this.proofs.splice(0).filter((c) => this.subs.get(c)?.live)
      while (due.length > 0) this.askList(due.splice(0, LIST_MAX))
    }, PROOF_MS) // the node tells of each channel in turn: one question for all of them
  }

  // ---- asking -----------------------------------------------------------

  private scheduleAsk() {
    if (this.askScheduled) return
    this.askScheduled = true
    void Promise.resolve().then(() => {
      this.askScheduled = false
      this.ask()
    })
  }

  /** Subscribes to whatever is wanted and not asked for: what can be resumed one by one, what is new in lists. */
  private ask() {
    if (!this.hello) return
    const fresh: string[] = []
    for (const [ch, sub] of this.subs) {
      if (sub.asked) continue
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
    this.requests.send(
      have ? { sub: ch, have, epoch: hello.epoch } : { sub: ch },
      (ok) => this.answered(ch, sub, ok as SubOk, hello.epoch, have !== undefined),
      (err) => {
        // A board of thousands: naming all that we have is more than a frame may hold, so it is read whole.
        if (err.code === 'frame_too_large' && have) this.askOne(ch, sub, undefined)
        else this.refused(ch, sub, err)
      },
    )
  }

  private askList(channels: string[]) {
    const hello = this.hello
    const subs = channels.flatMap((ch) => {
      const sub = this.subs.get(ch)
      return sub ? [[ch, sub] as const] : []
    })
    const first = subs[0]
    if (!hello || !first) return
    if (subs.length === 1) return this.askOne(first[0], first[1], undefined)
    for (const [, sub] of subs) sub.asked = true
    this.requests.send(
      { sub: subs.map(([ch]) => ch) },
      (ok) => {
        const byChannel = ok as Record<string, SubOk>
        for (const [ch, sub] of subs) {
          const one = byChannel[ch]
          if (!one) this.refused(ch, sub, { code: 'not_found', message: 'The server did not answer for this channel.' })
          else if (one.err) this.refused(ch, sub, one.err)
          else this.answered(ch, sub, one, hello.epoch, false)
        }
      },
      (err) => {
        for (const [ch, sub] of subs) this.refused(ch, sub, err)
      },
    )
  }

  private answered(ch: string, sub: Sub, ok: SubOk, epoch: string, resumed: boolean) {
    if (this.subs.get(ch) !== sub) return
    sub.asked = sub.live = true
    if (sub.replica.answer(ok, epoch, resumed) === 'gap') {
      sub.replica.doubt()
      return this.askOne(ch, sub, undefined)
    }
    sub.again = false
    this.tell(sub)
    this.settle()
  }

  private refused(ch: string, sub: Sub, err: WireError) {
    sub.again = false
    if (err.code === 'connection_lost' || this.subs.get(ch) !== sub) return
    sub.live = false
    if (FINAL.has(err.code) || err.code === 'frame_too_large') {
      sub.replica.close(err, this.env.now())
      sub.asked = true // nothing more to ask until somebody wants it anew
      this.tell(sub)
      this.settle()
    } else {
      sub.asked = false
      this.retryLater(ch, sub)
    }
  }

  private retryLater(ch: string, sub: Sub) {
    this.env.clearTimeout(sub.retry)
    const [least, most] = RETRY_MS
    sub.retry = this.env.setTimeout(() => {
      if (this.subs.get(ch) === sub && !sub.asked) this.ask()
    }, least + this.env.random() * (most - least))
  }

  /** Asks for the difference between what we hold and what the node holds, once at a time. */
  private resync(ch: string, sub: Sub) {
    if (!this.hello || sub.again) return
    sub.again = true
    this.askOne(ch, sub, sub.replica.have(this.hello.epoch))
  }

  // ---- telling ------------------------------------------------------------

  private tell(sub: Sub) {
    for (const fn of [...sub.listeners]) fn(sub.replica.snapshot)
  }

  /** Current again once no channel is stale. */
  private settle() {
    for (const sub of this.subs.values()) if (sub.replica.snapshot.status === 'stale') return
    if (this.hello) this.board.proven()
  }
}
