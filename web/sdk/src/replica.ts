import { mergePatch, type Doc } from './merge.js'
import type { Frame, Item, ItemSet, Signal, SubOk, WireError } from './frames.js'

/** Documents by kind of entity: `{ trip: TripDoc }` for a channel whose entities are named `trip/ID`. */
export type Kinds = Record<string, object>
/** The kinds of a channel that has no types here. */
export type AnyKinds = Record<string, Doc>

/** An entity as we hold it: its version, which only grows within an epoch, and its document. Treat both as read-only. */
export type Held<D = Doc> = { readonly v: number; readonly d: D }

/** Entities by name. `get` knows the document's type by the name's kind. */
export interface Entities<K extends Kinds = AnyKinds> extends ReadonlyMap<string, Held<K[keyof K]>> {
  get<T extends keyof K & string>(name: `${T}/${string}`): Held<K[T]> | undefined
  get(name: string): Held<K[keyof K]> | undefined
}

/**
 * `loading`: nothing yet. `current`: as the server has it. `stale`: as the server had it at `staleSince`. `closed`: refused or
 * ended by the server, see `error`; `retry()` asks again.
 */
export type ReplicaStatus = 'loading' | 'current' | 'stale' | 'closed'

/** A channel's set: a new object after each change; maps and documents that did not change keep their identity. */
export type Snapshot<K extends Kinds = AnyKinds> = {
  readonly status: ReplicaStatus
  /** True unless this is known to be what the server holds. */
  readonly stale: boolean
  /** When we last knew the set to be current (ms, the client's clock); null while it is, and before the first set. */
  readonly staleSince: number | null
  readonly entities: Entities<K>
  /** The last signal of each `sig` and `key`. */
  readonly signals: ReadonlyMap<string, Signal>
  /** Why it is `closed`. */
  readonly error: WireError | null
}

/** For how long `s` has not been known to be current, in ms: 0 while it is, null when it never was. */
export function ageOf(s: { stale: boolean; staleSince: number | null }, now: number): number | null {
  if (!s.stale) return 0
  return s.staleSince === null ? null : Math.max(0, now - s.staleSince)
}

/** What became of a push. `gap`: it does not fit onto what we hold; ask for the difference. @internal */
export type Applied = 'applied' | 'ignored' | 'gap'

const EMPTY: Snapshot = { status: 'loading', stale: true, staleSince: null, entities: new Map(), signals: new Map(), error: null }
/** What a channel shows before anybody subscribed to it. */
export const emptySnapshot = EMPTY

/**
 * One channel's set as this client holds it. It applies what it is sent and enforces two rules by itself, whatever the
 * server does: within an epoch no version at or below one that it has seen of an entity is ever applied, and a patch only onto the
 * version it was made from. @internal
 */
export class Replica {
  snapshot: Snapshot = EMPTY
  epoch: string | null = null
  private left = new Map<string, number>() // versions at which entities left: an older document must not bring one back
  private pending: Map<string, Item> | null = null // a full set that arrives in several frames
  private doubted = false // differences did not fit: the next answer must be whole

  constructor(readonly channel: string) {}

  /** How many entities there are to resume from. */
  resumable(epoch: string): number {
    return this.doubted || this.epoch !== epoch ? 0 : this.snapshot.entities.size
  }

  /** Versions to resume from; undefined when there is nothing to resume or the server's documents are of another epoch. */
  have(epoch: string): Record<string, number> | undefined {
    if (this.resumable(epoch) === 0) return undefined
    return Object.fromEntries([...this.snapshot.entities].map(([e, held]) => [e, held.v]))
  }

  /** The answer to a subscription. `resumed` says whether it was asked with `have`: then it holds only what differs. */
  answer(ok: SubOk, epoch: string, resumed: boolean): Applied {
    if (this.epoch !== epoch) {
      if (resumed) return 'gap' // asked in one epoch, answered in another
      this.left.clear() // versions of different epochs do not compare
      if (this.epoch !== null) this.snapshot = { ...this.snapshot, entities: new Map() }
      this.epoch = epoch
    }
    this.pending = null
    this.takeSignals(ok.sig)
    if (!resumed) {
      this.pending = new Map(Object.entries(ok.set ?? {}))
      if (!ok.more) this.commitFull()
      return 'applied'
    }
    const entities = new Map(this.snapshot.entities)
    for (const e of ok.gone ?? []) this.drop(entities, e, entities.get(e)?.v ?? 0)
    if (!this.mergeSet(entities, ok.set ?? {})) return 'gap'
    this.set({ entities, status: ok.more ? this.snapshot.status : 'current', staleSince: ok.more ? this.snapshot.staleSince : null, error: null })
    return 'applied'
  }

  /** A push on this channel. */
  push(f: Frame): Applied {
    if (f.set) {
      if (this.pending) {
        for (const [e, item] of Object.entries(f.set)) this.pending.set(e, item)
        if (!f.more) this.commitFull()
        return 'applied'
      }
      const entities = new Map(this.snapshot.entities)
      if (!this.mergeSet(entities, f.set)) return 'gap'
      this.set(f.more ? { entities } : { entities, status: 'current', staleSince: null })
      return 'applied'
    }
    if (f.sig !== undefined) {
      this.takeSignal(f as unknown as Signal)
      return 'applied'
    }
    if (f.e === undefined || f.v === undefined) return 'ignored'
    return this.one(f.e, f as Item & { gone?: boolean })
  }

  private one(e: string, item: Item & { gone?: boolean }): Applied {
    const heldPending = this.pending?.get(e)
    const held = this.snapshot.entities.get(e)
    const seen = Math.max(held?.v ?? 0, this.left.get(e) ?? 0)
    if (item.v <= seen) return 'ignored'
    if (this.pending && heldPending && heldPending.v >= item.v) return 'ignored'
    const entities = new Map(this.snapshot.entities)
    if (item.gone) {
      this.pending?.delete(e)
      this.drop(entities, e, item.v)
    } else if (item.d) {
      this.pending?.set(e, { v: item.v, d: item.d }) // or the set that is still arriving would drop it again
      entities.set(e, { v: item.v, d: item.d })
    } else if (item.p) {
      const from = item.from ?? item.v - 1
      if (this.pending && heldPending?.d && heldPending.v === from) {
        // The set is still arriving: the patch belongs onto what has arrived of it.
        this.pending.set(e, { v: item.v, d: mergePatch(heldPending.d, item.p) as Doc })
        return 'applied'
      }
      if (!held || held.v !== from) return 'gap'
      entities.set(e, { v: item.v, d: mergePatch(held.d, item.p) as Doc })
    } else return 'ignored'
    this.set({ entities })
    return 'applied'
  }

  private mergeSet(entities: Map<string, Held>, set: ItemSet): boolean {
    for (const [e, item] of Object.entries(set)) {
      const held = entities.get(e)
      if (item.v <= Math.max(held?.v ?? 0, this.left.get(e) ?? 0)) continue
      if (item.d) entities.set(e, { v: item.v, d: item.d })
      else if (item.p && held && held.v === (item.from ?? item.v - 1)) entities.set(e, { v: item.v, d: mergePatch(held.d, item.p) as Doc })
      else return false
    }
    return true
  }

  /** A full set has arrived: it replaces ours, except where ours is newer (a push overtook a slow set). */
  private commitFull() {
    const before = this.snapshot.entities
    const entities = new Map<string, Held>()
    for (const [e, item] of this.pending ?? []) {
      const held = before.get(e)
      if (held && held.v >= item.v) entities.set(e, held)
      else if (item.d && item.v > (this.left.get(e) ?? 0)) entities.set(e, { v: item.v, d: item.d })
    }
    this.pending = null
    this.doubted = false
    this.set({ entities, status: 'current', staleSince: null, error: null })
  }

  private drop(entities: Map<string, Held>, e: string, v: number) {
    entities.delete(e)
    this.left.set(e, v)
  }

  private takeSignals(sig: SubOk['sig']) {
    if (!sig) return
    if (Array.isArray(sig)) for (const s of sig) this.takeSignal(s)
    else for (const [key, d] of Object.entries(sig)) this.takeSignal({ ch: this.channel, sig: 'position', key, ...asSignal(d) })
  }

  private takeSignal(s: Signal) {
    const signals = new Map(this.snapshot.signals)
    signals.set(`${s.sig} ${s.key ?? s.from ?? ''}`, s)
    this.set({ signals })
  }

  markStale(since: number) {
    if (this.snapshot.status === 'current') this.set({ status: 'stale', staleSince: since })
  }

  /** Refused or ended at `at`: what we hold stays to be read, and ages. */
  close(error: WireError, at: number) {
    this.pending = null
    this.set({ status: 'closed', error, staleSince: this.snapshot.status === 'current' ? at : this.snapshot.staleSince })
  }

  /** Differences do not mend it: the next answer is to be taken whole. What is held stays, and with it the rule that versions only grow. */
  doubt() {
    this.doubted = true
    this.pending = null
  }

  private set(change: Partial<Omit<Snapshot, 'stale'>>) {
    const next = { ...this.snapshot, ...change }
    this.snapshot = { ...next, stale: next.status !== 'current' }
  }
}

function asSignal(d: Doc): { d: Doc; at?: string; from?: string } {
  if (typeof d.d === 'object' && d.d !== null && !Array.isArray(d.d)) return d as unknown as { d: Doc; at?: string }
  return { d }
}
