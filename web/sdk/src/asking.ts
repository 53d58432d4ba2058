import type { Hello, Signal, SubOk, WireError } from './frames.js'
import type { Environment } from './platform.js'
import type { Replica, Snapshot } from './replica.js'
import type { Requests } from './requests.js'
import { Turns, type Reason } from './turns.js'

/** One channel that somebody wants. @internal */
export type Sub = {
  replica: Replica
  listeners: Set<(s: Snapshot) => void>
  hearers: Set<(s: Signal) => void>
  asked: boolean // nothing to ask: a question is on its way, was answered, or was refused for good
  live: boolean // answered on this connection: pushes apply
  again: boolean // a question for the difference waits or is on its way
  whole: boolean // what we hold is more than a frame can name: ask for all of it
  gaps: number
  drop: unknown
  retry: unknown // null: it does not wait to be asked again
}

const LIST_MAX = 50
const UNANSWERED_MAX = 16 // a node that is slow, or makes us wait, shall not find hundreds of questions when it comes to them
const PROOF_MS = 5
const RETRY_MS: readonly [number, number] = [500, 3_000]
/** Refusals that asking again does not change. @internal */
export const FINAL: ReadonlySet<string> = new Set(['not_found', 'forbidden', 'too_many', 'bad_request', 'gone', 'frame_too_large'])

/**
 * Asks the node for what is wanted and not there: everything after a connection, the difference after a doubt. All of it waits in one
 * line for its turn and goes at the pace that the node allows. @internal
 */
export class Asking {
  private hello: Hello | null = null
  private scheduled = false
  private readonly turns = new Turns()
  private readonly known = new Set<string>() // channels that the node has for us, as far as we can tell
  private unanswered = 0
  private timer: unknown = null

  constructor(
    private readonly env: Environment,
    private readonly requests: Requests,
    private readonly subs: ReadonlyMap<string, Sub>,
    /** A channel was answered or refused for good. */
    private readonly settled: (sub: Sub) => void,
  ) {}

  opened(hello: Hello) {
    this.hello = hello
    for (const ch of this.subs.keys()) this.wait(ch, this.wide(ch) ? 'stale' : 'fresh') // one list brings fifty of the small
    this.next()
  }

  lost() {
    this.hello = null
    this.unanswered = 0
    this.turns.clear()
    this.known.clear()
    this.env.clearTimeout(this.timer)
    for (const sub of this.subs.values()) {
      this.env.clearTimeout(sub.retry)
      sub.retry = null
    }
  }

  /** Somebody wants it now. Asked for soon, so that all that is wanted in one turn is asked for in one list. */
  want(ch: string, sub: Sub) {
    if (!this.hello || sub.retry !== null) return // all is asked for once connected, and what was refused is asked for again by itself
    this.wait(ch, 'fresh')
    if (this.scheduled) return
    this.scheduled = true
    void Promise.resolve().then(() => {
      this.scheduled = false
      this.next()
    })
  }

  /** Nobody wants it any more. */
  leave(ch: string, sub: Sub) {
    this.env.clearTimeout(sub.retry)
    this.turns.drop(ch)
    if (!this.known.has(ch)) return
    this.wait(ch, 'leave')
    this.next()
  }

  /** The node has ended it. */
  ended(ch: string) {
    this.known.delete(ch)
    this.turns.drop(ch)
  }

  retryLater(ch: string, sub: Sub) {
    this.env.clearTimeout(sub.retry)
    const [least, most] = RETRY_MS
    sub.retry = this.env.setTimeout(() => {
      sub.retry = null
      if (this.subs.get(ch) !== sub || (sub.asked && !sub.again)) return
      this.wait(ch, 'wrong')
      this.next()
    }, least + this.env.random() * (most - least))
  }

  /** Asks for the difference between what we hold and what the node holds, once at a time. */
  resync(ch: string, sub: Sub) {
    if (!this.hello || (sub.again && !this.turns.has(ch))) return
    sub.again = true
    this.wait(ch, 'wrong')
    this.next()
  }

  /** The node has healed the channel. We ask for the difference all the same: what we hold is proven, not assumed. */
  prove(ch: string, sub: Sub) {
    if (!this.hello || sub.again) return
    sub.again = true
    this.wait(ch, 'proof')
    this.later(PROOF_MS) // the node tells of each channel in turn: one question for all of them
  }

  private wait(ch: string, reason: Reason) {
    if (this.hello) this.turns.put(ch, reason, this.env.now())
  }

  private later(ms: number) {
    this.env.clearTimeout(this.timer)
    this.timer = this.env.setTimeout(() => this.next(), ms)
  }

  /** Asks for as much as may be asked now: what can be resumed one by one, what is asked for whole in lists. */
  private next() {
    for (let first = this.turns.first(); first && this.hello && this.requests.ready && this.unanswered < UNANSWERED_MAX; first = this.turns.first()) {
      const { channel, leave } = first
      const one = leave || this.wide(channel)
      const channels = one ? [channel] : this.turns.among((ch) => !this.wide(ch), LIST_MAX)
      const ms = this.requests.wait('asks')
      if (ms > 0) return this.later(ms)
      for (const ch of channels) this.turns.drop(ch)
      if (leave) this.sendLeave(channel)
      else this.sendSub(channels)
    }
  }

  /** A resumption costs a request; for a set of one small document, asking whole in a list is cheaper for both sides. */
  private wide(ch: string): boolean {
    const sub = this.subs.get(ch)
    return !!sub && !!this.hello && !sub.whole && sub.replica.resumable(this.hello.epoch) > 1
  }

  private sendSub(channels: string[]) {
    const { hello } = this
    const subs = channels.flatMap((ch) => {
      const sub = this.subs.get(ch)
      return sub ? [[ch, sub] as const] : []
    })
    const first = subs[0]
    if (!hello || !first) return
    const have = this.wide(first[0]) ? first[1].replica.have(hello.epoch) : undefined
    for (const [ch, sub] of subs) {
      sub.asked = true
      this.known.add(ch)
    }
    const names = subs.map(([ch]) => ch)
    this.send(
      { sub: names.length > 1 ? names : names[0], ...(have ? { have, epoch: hello.epoch } : {}) },
      (ok) => {
        const byChannel = (names.length > 1 ? ok : { [first[0]]: ok }) as Record<string, SubOk>
        for (const [ch, sub] of subs) {
          const one = byChannel[ch]
          if (!one) this.refused(ch, sub, { code: 'not_found', message: 'The server did not answer for this channel.' })
          else if (one.err) this.refused(ch, sub, one.err)
          else this.answered(ch, sub, one, hello.epoch, have !== undefined)
        }
      },
      (err) => {
        for (const [ch, sub] of subs) {
          // A board of thousands: naming all that we have is more than a frame may hold, so it is read whole.
          if (err.code === 'frame_too_large' && have) {
            sub.whole = true
            this.wait(ch, 'wrong')
          } else this.refused(ch, sub, err)
        }
      },
    )
  }

  private sendLeave(ch: string) {
    this.known.delete(ch)
    this.send({ unsub: ch }, () => undefined, (err) => {
      if (!err.retry || !this.hello || this.subs.has(ch)) return
      this.known.add(ch)
      this.wait(ch, 'leave')
    })
  }

  private send(body: Record<string, unknown>, done: (ok: unknown) => void, fail: (err: WireError) => void) {
    const { hello } = this
    this.unanswered++
    const then =
      <T>(f: (x: T) => void) =>
      (x: T) => {
        if (this.hello === hello) this.unanswered--
        f(x)
        this.next()
      }
    this.requests.send(body, then(done), then(fail), 'asks')
  }

  private answered(ch: string, sub: Sub, ok: SubOk, epoch: string, resumed: boolean) {
    if (this.subs.get(ch) !== sub) return
    sub.asked = sub.live = true
    if (sub.replica.answer(ok, epoch, resumed) === 'gap') {
      sub.replica.doubt()
      sub.again = true
      return this.wait(ch, 'wrong')
    }
    sub.again = sub.whole = false
    this.settled(sub)
  }

  private refused(ch: string, sub: Sub, err: WireError) {
    if (err.code === 'connection_lost' || this.subs.get(ch) !== sub) return
    if (FINAL.has(err.code)) {
      sub.again = sub.live = false
      this.ended(ch)
      sub.replica.close(err, this.env.now())
      sub.asked = true // nothing more to ask until somebody wants it anew
      this.settled(sub)
      return
    }
    if (!sub.live) this.known.delete(ch)
    sub.again = sub.asked = sub.live // the question was refused: a channel that was there goes on
    this.retryLater(ch, sub)
  }
}
