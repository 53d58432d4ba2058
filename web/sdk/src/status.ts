import { callOut, type Environment } from './platform.js'

/**
 * `idle`: nothing was asked for yet. `connecting`, `open`. `waiting`: until the next attempt. `ended`: closed by us, signed
 * out, or forbidden; it does not come back.
 */
export type LinkState = 'idle' | 'connecting' | 'open' | 'waiting' | 'ended'

/** Why what is shown may be old. `replaced`: newer connections of this user took this one's place. */
export type StaleReason = 'offline' | 'lost' | 'node-behind' | 'replaced'

/** The connection as a whole; each channel's snapshot says the same of itself. */
export type LinkStatus = {
  readonly state: LinkState
  /** True only while the connection is up, the node says that it is not behind, and every channel has been answered. */
  readonly current: boolean
  /** When everything was last known to be current (ms, the client's clock); null while it is, and while the first attempt is under way. */
  readonly staleSince: number | null
  readonly reason: StaleReason | null
  /** The node that we are connected to. */
  readonly node: string | null
}

/** Holds the status and tells who listens, once for each change. @internal */
export class StatusBoard {
  private value: LinkStatus = { state: 'idle', current: false, staleSince: null, reason: null, node: null }
  private readonly listeners = new Set<() => void>()

  constructor(private readonly env: Environment) {}

  get = (): LinkStatus => this.value

  onChange = (fn: () => void): (() => void) => {
    this.listeners.add(fn)
    return () => this.listeners.delete(fn)
  }

  set(change: Partial<LinkStatus>) {
    const next = { ...this.value, ...change }
    if ((Object.keys(next) as (keyof LinkStatus)[]).every((k) => next[k] === this.value[k])) return
    this.value = next
    for (const fn of [...this.listeners]) callOut(fn)
  }

  /** The connection stands, but what it shows may lag since `at`. */
  behind(at: number) {
    this.set({ current: false, staleSince: this.value.staleSince ?? at, reason: 'node-behind' })
  }

  /** Every channel has been answered. */
  proven() {
    if (this.value.state === 'open') this.set({ current: true, staleSince: null, reason: null })
  }

  age(): number | null {
    const { current, staleSince } = this.value
    if (current) return 0
    return staleSince === null ? null : Math.max(0, this.env.now() - staleSince)
  }
}
