import { fits, type Frame, type WireError } from './frames.js'
import type { Environment } from './platform.js'
import type { SocketLike } from './socket.js'

type Pending = { done(ok: unknown): void; fail(err: WireError): void; timer: unknown }

const ANSWER_MS = 12_000

const ignore = () => undefined

/** Requests of one connection and their answers: each ends exactly once, by an answer or by the loss of the connection. @internal */
export class Requests {
  private readonly pending = new Map<number, Pending>()
  private nextId = 1
  private ws: SocketLike | null = null
  private maxFrame = 0

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
  }

  /** `done` runs inside the frame that answers, not a microtask later: pushes joined to the same message must find the set in place. */
  send(body: Record<string, unknown>, done: (ok: unknown) => void = ignore, fail: (err: WireError) => void = ignore) {
    const ws = this.ws
    if (!ws) return fail({ code: 'connection_lost', message: 'Not connected.', retry: true })
    const id = this.nextId++
    const text = JSON.stringify({ id, ...body })
    if (!fits(text, this.maxFrame)) return fail({ code: 'frame_too_large', message: `The node takes frames of ${this.maxFrame} bytes.` })
    const timer = this.env.setTimeout(() => {
      if (this.ws === ws) this.unanswered() // half-open: the only sign that a browser gets. Fails this one with the others.
    }, ANSWER_MS)
    this.pending.set(id, { done, fail, timer })
    ws.send(text)
  }

  settle(f: Frame) {
    const p = this.pending.get(f.id as number)
    if (!p) return
    this.pending.delete(f.id as number)
    this.env.clearTimeout(p.timer)
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
