import { CallError } from './errors.js'
import type { CallOk, WireError } from './frames.js'
import type { Environment } from './platform.js'
import type { Requests } from './requests.js'

/** Arguments of an operation of the HTTP API: the parameters in its path and query, and its body. */
export type CallArgs = { path?: Record<string, string>; query?: Record<string, string>; body?: unknown }

/** As much of an AbortSignal as is needed. */
export type Abort = { readonly aborted: boolean; addEventListener(type: 'abort', fn: () => void): void; removeEventListener(type: 'abort', fn: () => void): void }

export type CallOptions = {
  /** Idempotency key. With one the call survives lost connections: it is repeated under it, and happens once. The server knows a key for a day. */
  key?: string
  /** Stops waiting. If the call was sent already, it may have happened. */
  signal?: Abort
}

type Queued = { op: string; args: CallArgs; key: string | undefined; sent: boolean; firstSent: number | null; done(ok: CallOk): void; fail(err: WireError): void }

/** The server forgets a key after a day, so a repeat must come well before. @internal */
export const KEY_KNOWN_MS = 20 * 3_600_000

const RETRY_MS: readonly [number, number] = [500, 3_000]

/** Calls that have not been answered, in the order they were made. In memory: what must survive a reload goes through an Outbox. @internal */
export class Calls {
  private queue: Queued[] = []
  private closed = false
  private timer: unknown = null

  constructor(
    private readonly env: Environment,
    private readonly requests: Requests,
    private readonly max: number,
  ) {}

  call<B>(op: string, args: CallArgs, { key, signal }: CallOptions): Promise<CallOk & { body?: B }> {
    return new Promise((resolve, reject) => {
      const no = (code: string, message: string) => reject(new CallError({ code, message }))
      if (this.closed) return no('closed', 'The client was closed.')
      if (signal?.aborted) return no('aborted', 'The call was aborted.')
      if (this.queue.length >= this.max) return no('queue_full', `${this.max} calls wait already.`)
      const abort = () => queued.fail({ code: 'aborted', message: 'The call was aborted.' })
      const leave = () => {
        this.queue = this.queue.filter((x) => x !== queued)
        signal?.removeEventListener('abort', abort)
      }
      const queued: Queued = {
        op,
        args,
        key,
        sent: false,
        firstSent: null,
        done: (ok) => {
          leave()
          resolve(ok as CallOk & { body?: B })
        },
        fail: (err) => {
          leave()
          reject(new CallError(err))
        },
      }
      signal?.addEventListener('abort', abort)
      this.queue.push(queued)
      this.flush()
    })
  }

  /** Sends what waits, if there is a connection, at the pace that the node allows. */
  flush() {
    this.env.clearTimeout(this.timer)
    if (!this.requests.ready) return
    for (const c of [...this.queue]) {
      if (c.sent) continue
      const wait = this.requests.wait('calls')
      if (wait > 0) {
        this.timer = this.env.setTimeout(() => this.flush(), wait)
        return
      }
      const now = this.env.now()
      c.firstSent ??= now
      if (now - c.firstSent > KEY_KNOWN_MS) {
        c.fail({ code: 'too_old', message: 'It was sent long ago and never answered; whether it happened must be looked up.' })
        continue
      }
      c.sent = true
      const body = { call: c.op, ...(c.key === undefined ? {} : { key: c.key }), args: c.args }
      this.requests.send(body, (ok) => c.done(ok as CallOk), (err) => this.refused(c, err), 'calls')
    }
  }

  private refused(c: Queued, err: WireError) {
    // Without a key a lost answer is an error, because repeating could do it twice.
    const repeatable = c.key !== undefined || err.code !== 'connection_lost'
    if (!repeatable || !err.retry) return c.fail(err)
    c.sent = false
    if (err.code === 'connection_lost') return // sent again, same key, on the next connection
    const [least, most] = RETRY_MS
    this.env.setTimeout(() => this.flush(), least + this.env.random() * (most - least))
  }

  end() {
    this.closed = true
    this.env.clearTimeout(this.timer)
    for (const c of [...this.queue]) c.fail({ code: 'closed', message: 'The client was closed.' })
  }
}
