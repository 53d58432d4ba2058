import { Http } from './http'
import { isProblem } from './problem'
import type { Me, SignedIn } from './types'

export type SessionState =
  | { status: 'unknown' } // a refresh cookie may exist; it is being tried
  | { status: 'out'; expired: boolean }
  | { status: 'unreachable' } // we cannot tell: no answer from the server
  | { status: 'in'; me: Me }

const HINT = 'waymeet.session' // says that a refresh cookie may exist, so that a first visit asks nothing

/**
 * Who is signed in on this device. Owns the access token (memory only); the refresh token is a cookie that scripts cannot read.
 * Refreshing is done by one tab at a time: two would spend the same cookie and look like a theft.
 */
export class Session {
  private state_: SessionState
  private token_: string | null = null
  private expiresAt = 0
  private readonly listeners = new Set<() => void>()
  /** The date and time on the wall at the tenant, and when (by the server's clock) we were told. */
  wall: { today: string; now: string; at: number } | null = null
  private refreshing: Promise<string | null> | null = null
  private skew = 0
  private skewKnown = false
  locale: string
  readonly http: Http
  private readonly bare: Http

  constructor(locale: string) {
    this.locale = locale
    const shared = {
      locale: () => this.locale,
      onServerDate: (ms: number) => this.learnClock(ms),
    }
    this.http = new Http({ ...shared, token: () => this.token(), refresh: () => this.refresh() })
    this.bare = new Http({ ...shared, token: () => null, refresh: () => Promise.resolve(null) })
    this.state_ = hinted() ? { status: 'unknown' } : { status: 'out', expired: false }
  }

  state = (): SessionState => this.state_
  onChange = (fn: () => void): (() => void) => {
    this.listeners.add(fn)
    return () => this.listeners.delete(fn)
  }

  /** The server's clock, as well as its Date headers tell it (whole seconds). */
  now = (): number => Date.now() + this.skew

  private learnClock(serverMs: number) {
    // Date has whole seconds: on average half a second has passed since.
    const skew = serverMs + 500 - Date.now()
    if (!this.skewKnown || Math.abs(skew - this.skew) > 1_500) this.skew = skew
    this.skewKnown = true
  }

  async start() {
    if (this.state_.status !== 'out') await this.refresh()
  }

  async signIn(tenant: string, email: string, password: string) {
    this.take(await this.bare.post<SignedIn>('/v1/auth/sign-in', { body: { tenant, email, password }, anonymous: true }))
  }

  async signOut() {
    try {
      await this.bare.post('/v1/auth/sign-out', { anonymous: true, timeoutMs: 4_000 })
    } catch {
      // The device forgets in any case; the server's session ends by its own deadline.
    }
    this.end(false)
  }

  /** A token good for at least a few seconds more, or null: ask `refresh`. */
  token(): string | null {
    return this.token_ !== null && Date.now() < this.expiresAt - 5_000 ? this.token_ : null
  }

  refresh(): Promise<string | null> {
    this.refreshing ??= this.refreshOnce().finally(() => (this.refreshing = null))
    return this.refreshing
  }

  private async refreshOnce(): Promise<string | null> {
    const before = this.token_
    return exclusively('waymeet.refresh', () => (this.token_ !== before && this.token() !== null ? Promise.resolve(this.token_) : this.renew(3)))
  }

  private async renew(patience: number): Promise<string | null> {
    try {
      this.take(await this.bare.post<SignedIn>('/v1/auth/refresh', { anonymous: true }))
      return this.token_
    } catch (e) {
      if (isProblem(e) && (e.status === 401 || e.status === 403)) {
        this.end(this.state_.status === 'in')
        return null
      }
      if (isProblem(e) && e.status === 429 && patience > 0) {
        await new Promise((go) => setTimeout(go, e.retryAfterMs ?? 3_000)) // who reloads too often is let in all the same, only later
        return this.renew(patience - 1)
      }
      if (this.state_.status !== 'in') this.set({ status: 'unreachable' })
      throw e
    }
  }

  speak(locale: string) {
    this.locale = locale
  }

  updateMe(me: Me) {
    if (this.state_.status === 'in') this.set({ status: 'in', me })
  }

  private take(s: SignedIn) {
    this.token_ = s.access_token
    this.expiresAt = Date.now() + s.expires_in * 1000
    remember(true)
    const { today, now } = s.user.tenant
    if (today && now) this.wall = { today, now, at: this.now() }
    const old = this.state_
    if (old.status === 'in' && sameBut(old.me, s.user)) return // do not wake every screen at each renewal
    this.set({ status: 'in', me: s.user })
  }

  private end(expired: boolean) {
    this.token_ = null
    remember(false)
    this.set({ status: 'out', expired })
  }

  private set(state: SessionState) {
    this.state_ = state
    for (const fn of [...this.listeners]) fn()
  }
}

function sameBut(a: Me, b: Me): boolean {
  const still = (m: Me) => JSON.stringify({ ...m, tenant: { ...m.tenant, today: '', now: '' } })
  return still(a) === still(b)
}

function exclusively<T>(name: string, fn: () => Promise<T>): Promise<T> {
  const locks = (globalThis.navigator as Navigator | undefined)?.locks
  // Web locks need a secure context; without them one tab is the normal case.
  return locks ? (locks.request(name, fn) as Promise<T>) : fn()
}

function hinted(): boolean {
  try {
    return localStorage.getItem(HINT) !== null
  } catch {
    return true // cannot know: try
  }
}

function remember(on: boolean) {
  try {
    if (on) localStorage.setItem(HINT, '1')
    else localStorage.removeItem(HINT)
  } catch {
    // storage refused: the next visit tries the cookie
  }
}
