import { fits, type Frame, type WireError } from './frames.js'
import { Pace } from './pace.js'
import type { Environment } from './platform.js'
import type { SocketLike } from './socket.js'

type Share = 'asks' | 'calls'
type Pending = { done(ok: unknown): void; fail(err: WireError): void; timer: unknown }

const ANSWER_MS = 12_000
const LONGEST_MS = 60_000

const ignore = () => undefined

/** Requests of one connection and their answers: each ends exactly once, by an answer or by the loss of the connection. @internal */
export class Requests {
  private readonly pending = new Map<number, Pending>()
  private nextId = 1
  private ws: SocketLike | null = null
  private maxFrame = 0
  private heard = 0 // when something was answered
  private readonly pace = new Pace()

  constructor(
    private readonly env: Environment,
    private readonly unanswered: () => void,
  ) {}

  get ready(): boolean {
    return this.ws !== null
  }

  open(ws: SocketLike, maxFrame: number) {
    this.ws = ws
    this.maxFrame = maxFrame || Infinity
    this.pace.opened(this.env.now())
  }

  /** How long until something may be sent that waits for its turn, in ms; 0: now. */
  wait(share: Share): number {
    return this.pace.wait(share, this.env.now())
  }

  /**
   * Sends at once; `share` is who has waited for it. `done` runs inside the frame that answers, not a microtask later: pushes joined to
   * the same message must find the set in place.
   */
  send(body: Record<string, unknown>, done: (ok: unknown) => void = ignore, fail: (err: WireError) => void = ignore, share?: Share) {
    const ws = this.ws
    if (!ws) return fail({ code: 'connection_lost', message: 'Not connected.', retry: true })
    const id = this.nextId++
    const text = JSON.stringify({ id, ...body })
    if (!fits(text, this.maxFrame)) return fail({ code: 'frame_too_large', message: `The node takes frames of ${this.maxFrame} bytes.` })
    this.pending.set(id, { done, fail, timer: this.watch(id, this.env.now(), ANSWER_MS) })
    this.pace.sent(this.env.now(), share)
    ws.send(text)
  }

  /** Half-open, the only sign that a browser gets: fails this one with the others. Not while others are answered, for a node may take them in turn. */
  private watch(id: number, sent: number, ms: number): unknown {
    return this.env.setTimeout(() => {
      const now = this.env.now()
      const p = this.pending.get(id)
      const left = ANSWER_MS - (now - Math.max(sent, this.heard))
      if (!p) return
      if (left > 0 && now - sent < LONGEST_MS) p.timer = this.watch(id, sent, left)
      else this.unanswered()
    }, ms)
  }

  settle(f: Frame) {
    this.heard = this.env.now()
    const p = this.pending.get(f.id as number)
    if (!p) return
    this.pending.delete(f.id as number)
    this.env.clearTimeout(p.timer)
    if (f.err?.code === 'rate_limited') this.pace.refused(this.env.now())
    if (f.err) p.fail(f.err)
    else p.done(f.ok)
  }

  lost() {
    this.ws = null
    const lost = [...this.pending.values()]
    this.pending.clear()
    for (const p of lost) {
      this.env.clearTimeout(p.timer)
      p.fail({ code: 'connection_lost', message: 'The connection was lost.', retry: true })
    }
  }
}
