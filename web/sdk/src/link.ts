import { between, fullJitter } from './backoff.js'
import { present, type Credential } from './credential.js'
import { parseMessage, type Frame, type Hello } from './frames.js'
import type { Environment } from './platform.js'
import { Requests } from './requests.js'
import type { Open, Refusal, SocketLike } from './socket.js'
import { Renewal } from './renewal.js'
import type { StaleReason, StatusBoard } from './status.js'

/** What a link tells its owner. @internal */
export type LinkEvents = {
  /** Connected: subscribe, and send what waits. Says whether anything shown is still to be proven. */
  opened(hello: Hello): void
  lost(since: number): void
  pushed(frame: Frame): void
  /** Nothing was heard for a while: ask something, for a browser cannot see the server's pings. */
  silent(): void
  ended(signedOut: boolean): void
  badFrame(line: string): void
}

const PROBE_MS = 25_000
const HELLO_MS = 12_000
const CREDENTIAL_MS = 30_000
const STABLE_MS = 5_000 // a node that dies on hello must not reset the back-off
const BYE_MS = 2_000
const WAKE_MS = 300

/**
 * One connection at a time, for as long as it is wanted: dials, finds out that a line is dead, waits with full jitter and dials again.
 * It knows nothing of channels. Never throws at its owner: what goes wrong is a state of the board. @internal
 */
export class Link {
  hello: Hello | null = null
  readonly requests: Requests
  private readonly renewal: Renewal
  private ws: SocketLike | null = null
  private generation = 0 // of the connection attempt: what belongs to an older one is ignored
  private attempt = 0
  private lastInbound = 0
  private rejected = false
  private leaveDelay: number | null = null
  private dialTimer: unknown = null
  private probeTimer: unknown = null
  private stableTimer: unknown = null
  private byeTimer: unknown = null

  constructor(
    private readonly opt: { url: string; credential: Credential; open: Open },
    private readonly env: Environment,
    private readonly board: StatusBoard,
    private readonly on: LinkEvents,
  ) {
    this.requests = new Requests(env, () => this.lose('lost'))
    this.renewal = new Renewal(env, opt.credential.accessToken, this.requests)
  }

  start() {
    if (this.board.get().state === 'idle') this.dial(0)
  }

  end(signedOut = false) {
    if (this.board.get().state === 'ended') return
    this.env.clearTimeout(this.dialTimer)
    this.board.set({ state: 'ended' }) // before anybody is told of losses, so that nobody asks again
    this.teardown('lost')
    this.on.ended(signedOut)
  }

  /** The network is back, or the app is in front again: do not wait for the back-off, and do not trust an old line. */
  wake() {
    const { state } = this.board.get()
    if (state === 'open') return this.on.silent()
    if (state !== 'waiting') return
    this.attempt = 0
    this.dial(this.env.random() * WAKE_MS)
  }

  /** The device has no network: say stale at once instead of after a timeout. */
  offline() {
    if (this.ws) this.lose('offline')
  }

  private dial(delayMs: number) {
    const generation = ++this.generation
    this.board.set({ state: delayMs > 0 ? 'waiting' : 'connecting' })
    this.env.clearTimeout(this.dialTimer)
    this.dialTimer = this.env.setTimeout(() => {
      if (generation !== this.generation) return
      this.board.set({ state: 'connecting' })
      // A credential that never comes must not end our attempts.
      this.dialTimer = this.env.setTimeout(() => generation === this.generation && this.redial(), CREDENTIAL_MS)
      const rejected = this.rejected
      this.rejected = false
      present(this.opt.credential, rejected).then(
        (c) => generation === this.generation && this.connect(c.protocols, c.headers, generation),
        (e: unknown) => generation === this.generation && this.refused(e),
      )
    }, delayMs)
  }

  private refused(e: unknown) {
    const { retryAfterMs, signedOut } = (typeof e === 'object' && e !== null ? e : {}) as { retryAfterMs?: number; signedOut?: boolean }
    if (signedOut) this.end(true)
    else this.redial(retryAfterMs)
  }

  /** Dials after `atLeastMs` (what a busy server asked for, of everybody at once) and a jitter on top. */
  private redial(atLeastMs = 0) {
    this.dial(Math.max(1, atLeastMs + fullJitter(this.attempt++, this.env.random)))
  }

  private connect(protocols: string[], headers: Record<string, string>, generation: number) {
    this.env.clearTimeout(this.dialTimer)
    let ws: SocketLike
    try {
      ws = this.opt.open(this.opt.url, protocols, headers)
    } catch {
      return this.redial()
    }
    this.ws = ws
    const helloTimer = this.env.setTimeout(() => generation === this.generation && this.lose('lost'), HELLO_MS)
    ws.onmessage = (e) => {
      this.lastInbound = this.env.now()
      for (const f of parseMessage(String(e.data), this.on.badFrame)) {
        if (generation !== this.generation) return // an earlier frame of this message ended the connection
        if (f.hello) this.env.clearTimeout(helloTimer)
        this.take(f)
      }
    }
    ws.onclose = (e) => {
      this.env.clearTimeout(helloTimer)
      if (generation === this.generation) this.lose('lost', e.code, e.refused)
    }
    ws.onerror = () => undefined // a close follows, and says more
  }

  private take(f: Frame) {
    if (f.hello) return this.greet(f.hello)
    if (typeof f.id === 'number') return this.requests.settle(f)
    if (f.bye) return this.follow(f.bye.retry_ms ?? [200, 4000])
    this.on.pushed(f)
  }

  private greet(hello: Hello) {
    this.hello = hello
    if (this.ws) this.requests.open(this.ws, hello.max_frame)
    this.stableTimer = this.env.setTimeout(() => (this.attempt = 0), STABLE_MS)
    this.renewal.arm(hello.auth_exp)
    this.board.set({ state: 'open', reason: null, node: hello.node })
    this.armProbe()
    this.on.opened(hello)
  }

  /** The node is leaving. Answers on their way may still come; a close that does not is not waited for. */
  private follow(retryMs: readonly [number, number]) {
    this.leaveDelay = Math.max(1, between(retryMs, this.env.random))
    this.byeTimer = this.env.setTimeout(() => this.lose('lost'), BYE_MS)
    this.ws?.close(1000)
  }

  private lose(reason: StaleReason, code = 0, refused?: Refusal) {
    const delay = this.leaveDelay
    this.leaveDelay = null
    this.rejected = code === 4001 || refused?.status === 401
    this.teardown(code === 4009 ? 'replaced' : reason)
    if (code === 4003) this.end()
    else if (code === 4029) this.redial(10_000) // we were told to slow down
    else if (code === 4009) this.redial(60_000) // too many of our own tabs: do not push another one out at once
    else if (delay !== null) this.dial(delay)
    else this.redial(refused?.retryAfterMs)
  }

  private teardown(reason: StaleReason) {
    this.generation++
    for (const t of [this.probeTimer, this.stableTimer, this.byeTimer]) this.env.clearTimeout(t)
    this.renewal.stop()
    const ws = this.ws
    this.ws = null
    this.hello = null
    if (ws) {
      ws.onmessage = ws.onclose = ws.onopen = null
      if (ws.readyState < 2) ws.close(1000)
    }
    const since = this.board.get().staleSince ?? (this.lastInbound || this.env.now())
    this.requests.lost()
    this.on.lost(since)
    this.board.set({ state: this.board.get().state === 'ended' ? 'ended' : 'waiting', current: false, staleSince: since, reason, node: null })
  }

  private armProbe() {
    this.env.clearTimeout(this.probeTimer)
    this.probeTimer = this.env.setTimeout(() => {
      if (this.env.now() - this.lastInbound >= PROBE_MS - 1_000) this.on.silent()
      this.armProbe()
    }, PROBE_MS)
  }
}
