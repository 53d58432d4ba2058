import type { Hello, Signal, SubOk, WireError } from './frames.js'
import type { Environment } from './platform.js'
import type { Replica, Snapshot } from './replica.js'
import type { Requests } from './requests.js'

/** One channel that somebody wants. @internal */
export type Sub = {
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
const PROOF_MS = 5
const RETRY_MS: readonly [number, number] = [500, 3_000]
/** Refusals that asking again does not change. @internal */
export const FINAL: ReadonlySet<string> = new Set(['not_found', 'forbidden', 'too_many', 'bad_request', 'gone', 'frame_too_large'])

/** Asks the node for what is wanted and not there: everything after a connection, the difference after a doubt. @internal */
export class Asking {
  private hello: Hello | null = null
  private scheduled = false
  private proofs: string[] = []

  constructor(
    private readonly env: Environment,
    private readonly requests: Requests,
    private readonly subs: ReadonlyMap<string, Sub>,
    /** A channel was answered or refused for good. */
    private readonly settled: (sub: Sub) => void,
  ) {}

  opened(hello: Hello) {
    this.hello = hello
    this.ask()
  }

  lost() {
    this.hello = null
    this.proofs = []
  }

  /** Soon, so that all that is wanted in one turn is asked for in one list. */
  soon() {
    if (this.scheduled) return
    this.scheduled = true
    void Promise.resolve().then(() => {
      this.scheduled = false
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
    this.settled(sub)
  }

  private refused(ch: string, sub: Sub, err: WireError) {
    sub.again = false
    if (err.code === 'connection_lost' || this.subs.get(ch) !== sub) return
    sub.live = false
    if (FINAL.has(err.code)) {
      sub.replica.close(err, this.env.now())
      sub.asked = true // nothing more to ask until somebody wants it anew
      this.settled(sub)
    } else {
      sub.asked = false
      this.retryLater(ch, sub)
    }
  }

  retryLater(ch: string, sub: Sub) {
    this.env.clearTimeout(sub.retry)
    const [least, most] = RETRY_MS
    sub.retry = this.env.setTimeout(() => {
      if (this.subs.get(ch) === sub && !sub.asked) this.ask()
    }, least + this.env.random() * (most - least))
  }

  /** Asks for the difference between what we hold and what the node holds, once at a time. */
  resync(ch: string, sub: Sub) {
    if (!this.hello || sub.again) return
    sub.again = true
    this.askOne(ch, sub, sub.replica.have(this.hello.epoch))
  }

  /** The node has healed the channel. We ask for the difference all the same: what we hold is proven, not assumed. */
  prove(ch: string, sub: Sub) {
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
}
