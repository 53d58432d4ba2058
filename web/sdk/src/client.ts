import { Calls, KEY_KNOWN_MS, type CallArgs, type CallOptions } from './calls.js'
import { Channel, type Host } from './channel.js'
import type { Credential } from './credential.js'
import { boardChannel, type BoardKinds, type BoardWindow, type BookingKinds, type FinanceKinds, type LineKinds, type MeKinds, type QueueKinds, type QueueSignals, type RequestKinds, type RequestSignals, type SessionKinds, type SessionSignals, type TripKinds, type TripSignals } from './documents.js'
import { CallError } from './errors.js'
import type { CallOk } from './frames.js'
import { Link } from './link.js'
import { Outbox, type OutboxStorage, type Parcel } from './outbox.js'
import { callOut, systemEnvironment, type Environment } from './platform.js'
import { systemOpen, type Open } from './socket.js'
import { StatusBoard, type LinkStatus } from './status.js'
import { Subscriptions } from './subscriptions.js'

export type ClientOptions = Credential & {
  /** `wss://…/v1/realtime`. */
  url: string
  /** Opens a socket; the platform's own unless told. Needed in Node before 22: see `openWith`. */
  open?: Open
  /** Calls that may wait for a connection; more are refused with `queue_full`. 256 unless told. */
  maxCalls?: number
  /** How long a channel that nobody listens to any more stays subscribed, in ms: a screen that returns at once finds it current. 1,500 unless told. */
  lingerMs?: number
  /** The session is over (a credential function threw `SignedOut`); the client has closed itself. */
  onSignedOut?: () => void
  /** A line from the server that is no JSON object. It was left out; this is for your log. */
  onBadFrame?: (line: string) => void
  env?: Environment
}

/** A call in an outbox. */
export type QueuedCall = { op: string; args: CallArgs }

export type CallOutboxOptions = {
  /** Where calls wait; see `keptIn`. Keep one per person: another's calls must not be sent as yours. */
  storage: OutboxStorage
  /** Calls kept at most; `put` throws `queue_full` beyond. 1,000 unless told. */
  max?: number
  onDone?: (call: Parcel<QueuedCall>, answer: CallOk) => void
}

/**
 * A client of Waymeet's realtime protocol, version 1: one connection, made when first needed and kept up, the channels that somebody
 * listens to, and the calls that wait for an answer. After any fault it reconnects with full jitter and resumes with what it holds.
 */
export class WaymeetClient {
  private readonly env: Environment
  private readonly state: StatusBoard
  private readonly link: Link
  private readonly subs: Subscriptions
  private readonly calls: Calls
  private readonly outboxes = new Set<Outbox<QueuedCall, CallOk>>()
  private readonly host: Host

  /** Throws when there is no way to connect from here: no WebSocket and no `open`, or no `ticket` in a browser. */
  constructor(opt: ClientOptions) {
    this.env = opt.env ?? systemEnvironment
    this.state = new StatusBoard(this.env)
    const open = opt.open ?? systemOpen(!opt.ticket)
    this.link = new Link({ url: opt.url, credential: opt, open }, this.env, this.state, {
      opened: (hello) => {
        this.subs.opened(hello)
        this.calls.flush()
        for (const box of this.outboxes) void box.flush()
      },
      lost: (since) => this.subs.lost(since),
      pushed: (f) => this.subs.pushed(f),
      silent: () => this.subs.probe(),
      ended: (signedOut) => {
        for (const box of this.outboxes) box.stop()
        this.calls.end()
        this.subs.ended()
        if (signedOut) callOut(() => opt.onSignedOut?.())
      },
      badFrame: (line) => callOut(() => opt.onBadFrame?.(line)),
    })
    const { requests } = this.link
    this.subs = new Subscriptions(this.env, requests, this.state, opt.lingerMs ?? 1_500)
    this.calls = new Calls(this.env, requests, opt.maxCalls ?? 256)
    this.host = {
      listen: (ch, fn) => this.started(this.subs.listen(ch, fn)),
      hear: (ch, fn) => this.started(this.subs.hear(ch, fn)),
      snapshot: (ch) => this.subs.snapshot(ch),
      retry: (ch) => this.subs.retry(ch),
      signal: (ch, d, more) => {
        if (!requests.ready) return false
        requests.send({ signal: ch, ...more, d })
        return true
      },
      now: () => this.env.now(),
      ended: () => this.state.get().state === 'ended',
    }
  }

  /** One trip, and its vehicle's signal `position`. */
  trip(id: string): Channel<TripKinds, TripSignals> {
    return new Channel(`trip:${id}`, this.host)
  }

  /** All trips of a line on a service date (`YYYY-MM-DD`). */
  line(id: string, date: string): Channel<LineKinds> {
    return new Channel(`line:${id}:${date}`, this.host)
  }

  /** The trips of a day, or of a window of it, for dispatchers; more than 2,000 are refused with `too_many`. */
  board(window: BoardWindow): Channel<BoardKinds> {
    return new Channel(boardChannel(window), this.host)
  }

  /** One booking; for whoever pays for it and may not see it, `ride/ID`: what they pay for. */
  booking(id: string): Channel<BookingKinds> {
    return new Channel(`booking:${id}`, this.host)
  }

  /** One request for advice, and the signal `wait`: where its client is in the queue. */
  request(id: string): Channel<RequestKinds, RequestSignals> {
    return new Channel(`request:${id}`, this.host)
  }

  /** The board of a queue, for whoever runs it: who waits, talks and is on duty; `quality` is how well those who talk hear each other. */
  queue(id: string): Channel<QueueKinds, QueueSignals> {
    return new Channel(`queue:${id}`, this.host)
  }

  /** One conversation with what was written in it, for those who take part; `sdp` and `ice` are a `PeerSignal`. */
  session(id: string): Channel<SessionKinds, SessionSignals> {
    return new Channel(`session:${id}`, this.host)
  }

  /** The caller's own profile, open bookings, wallet (`walletIn`), requests, rings and sessions; what has ended leaves. */
  me(): Channel<MeKinds> {
    return new Channel('me', this.host)
  }

  /** How often each of finance's lists has changed, for finance: when to ask for it again. */
  finance(): Channel<FinanceKinds> {
    return new Channel('finance', this.host)
  }

  /** Any channel by its name on the wire, without types. */
  channel(name: string): Channel {
    return new Channel(name, this.host)
  }

  /**
   * An operation of the HTTP API by its operation id (`bookings.hold`): same checks, same answer. Waits for a connection if there is none.
   * Rejects with `CallError`: the server's refusal, or `connection_lost` (no key, and the answer was lost), `queue_full`, `aborted`, `closed`.
   */
  call<B = unknown>(op: string, args: CallArgs = {}, options: CallOptions = {}): Promise<CallOk & { body?: B }> {
    this.link.start()
    return this.calls.call<B>(op, args, options)
  }

  /**
   * Calls that must happen even if this program ends first: they are kept in `storage` under their keys and sent in order, one at a
   * time, whenever there is a connection. One that was never answered within 20 hours fails with `too_old`, because the server forgets keys.
   */
  outbox(opt: CallOutboxOptions): Outbox<QueuedCall, CallOk> {
    const box = new Outbox<QueuedCall, CallOk>({
      ...opt,
      env: this.env,
      maxAgeMs: KEY_KNOWN_MS,
      understands: isCall,
      send: async ({ key, body }) => {
        try {
          return await this.call(body.op, body.args, { key })
        } catch (e) {
          if (e instanceof CallError && !e.wire.retry && e.code !== 'closed' && e.code !== 'queue_full') {
            throw Object.assign(new Error(e.message), { final: true, code: e.code, detail: e.message })
          }
          throw e
        }
      },
    })
    this.outboxes.add(box)
    if (this.host.ended()) box.stop()
    else void box.flush()
    return box
  }

  /** The connection's state: the same object until something changes. */
  status = (): LinkStatus => this.state.get()

  /** `fn` runs after each change of `status()`. */
  onStatus = (fn: () => void): (() => void) => this.state.onChange(fn)

  /** For how long what is shown has not been known to be current, in ms: 0 while it is, null when it never was. */
  age(): number | null {
    return this.state.age()
  }

  /** The network is back, or the app is in front again: connects at once, or proves that the line still lives. */
  wake(): void {
    this.link.wake()
  }

  /** The device says that it has no network: everything is stale at once instead of after a timeout. */
  offline(): void {
    this.link.offline()
  }

  /** Ends the connection for good (sign-out). Calls that wait are rejected with `closed`, iterations end, snapshots stay as they are, stale. */
  close(): void {
    this.link.end()
  }

  private started<T>(x: T): T {
    this.link.start()
    return x
  }
}

/** Whether a body out of a storage is a call, be it of an operation that the server does not know any more. */
function isCall(body: unknown): boolean {
  const { op, args } = (body ?? {}) as { op?: unknown; args?: unknown }
  return typeof op === 'string' && (args === undefined || (typeof args === 'object' && args !== null))
}
