import type { Signal } from './frames.js'
import { ageOf, type AnyKinds, type Kinds, type Snapshot } from './replica.js'

/** What a channel needs of its client; made by `WaymeetClient` alone. */
export type Host = {
  listen(channel: string, fn: (s: Snapshot) => void): () => void
  hear(channel: string, fn: (s: Signal) => void): () => void
  snapshot(channel: string): Snapshot
  retry(channel: string): void
  signal(channel: string, d: object, more: SignalOptions): boolean
  now(): number
  ended(): boolean
}

/** `sig` is the signal's kind (`position`; `msg` unless told); of one `key` the latest wins; `to` is a `user/ID` if it is for one alone. */
export type SignalOptions<Sig extends string = string> = { sig?: Sig; key?: string; to?: string }

/** What each signal of a kind of channel says. */
export type Signals = Record<string, object>
/** A signal as a channel hears it. */
export type Said<S extends Signals> = string extends keyof S ? Signal : { [G in keyof S & string]: Omit<Signal, 'sig' | 'd'> & { sig: G; d: S[G] } }[keyof S & string]

/**
 * One channel: a live set of entities. Making one costs nothing and asks nothing; while there is at least one subscription
 * or iteration of the channel in the client, it is kept current. Nothing here throws or rejects: failures are states of the snapshot.
 */
export class Channel<K extends Kinds = AnyKinds, S extends Signals = any> { // eslint-disable-line @typescript-eslint/no-explicit-any -- one that is not told takes any
  constructor(
    /** As on the wire: `trip:0190…`. */
    readonly name: string,
    private readonly host: Host,
  ) {}

  /** Keeps the channel subscribed until the returned function is called. `fn` runs after each change, staleness included; read `snapshot()` for the state before the first. */
  subscribe(fn: (s: Snapshot<K>) => void): () => void {
    return this.host.listen(this.name, (s) => fn(s as unknown as Snapshot<K>))
  }

  /** What we hold now: the same object until something changes. `loading` unless the channel is subscribed. */
  snapshot(): Snapshot<K> {
    return this.host.snapshot(this.name) as unknown as Snapshot<K>
  }

  /** The document of a channel that shows one entity (`trip`, `booking`), or of one that you name. */
  doc<T extends keyof K & string>(name: `${T}/${string}`): K[T] | undefined
  doc(): K[keyof K] | undefined
  doc(name?: string): K[keyof K] | undefined {
    const { entities } = this.snapshot()
    if (name !== undefined) return entities.get(name)?.d
    for (const held of entities.values()) return held.d
    return undefined
  }

  /** For how long the set has not been known to be current, in ms: 0 while it is, null when it never was. */
  age(): number | null {
    return ageOf(this.snapshot(), this.host.now())
  }

  /** Asks again for a channel that is `closed`. */
  retry(): void {
    this.host.retry(this.name)
  }

  /** Sends a signal, best effort: false when there is no connection to send it on. `d` is at most 16 KiB of JSON. */
  signal<G extends keyof S & string>(d: string extends G ? object : S[G], options: SignalOptions<G> = {}): boolean {
    return this.host.signal(this.name, d, options)
  }

  /** Every signal as it comes, also those that a later one of the same key replaces in the snapshot. Keeps the channel subscribed. */
  onSignal(fn: (s: Said<S>) => void): () => void {
    return this.host.hear(this.name, (s) => fn(s as unknown as Said<S>))
  }

  /**
   * The snapshot once it has loaded, then after each change. Who is slower than the changes skips states, never the last one.
   * Ends after a `closed` snapshot and when the client is closed; leaving the loop unsubscribes.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Snapshot<K>, void, void> {
    let told: () => void = () => undefined
    let changed = true
    const off = this.subscribe(() => {
      changed = true
      told()
    })
    try {
      for (;;) {
        if (!changed) await new Promise<void>((resolve) => (told = resolve))
        changed = false
        const s = this.snapshot()
        if (s.status !== 'loading') yield s
        if (s.status === 'closed' || this.host.ended()) return
      }
    } finally {
      off()
    }
  }
}
