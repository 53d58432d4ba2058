import { fullJitter } from './backoff.js'
import { CallError } from './errors.js'
import { callOut, newKey, systemEnvironment, type Environment } from './platform.js'

/** Something that must reach the server once, however long that takes: its key makes the repeats harmless. `at` is when it was put (ms). */
export type Parcel<T> = { key: string; at: number; body: T; tries: number; failed?: { code: string; detail: string } }

/**
 * Where parcels are kept: a text, loaded once and saved after each change. At once, or in its own time. Null says that nothing is
 * there; a `load` that fails (throws, rejects) says nothing of what is, and is tried again.
 */
export type OutboxStorage = { load(): string | null | Promise<string | null>; save(text: string): void | Promise<void> }

export type OutboxOptions<T, R> = {
  storage: OutboxStorage
  /** Sends one parcel under its key. Throws `{ final: true, code, detail }` when the server has decided against it; anything else is tried again. */
  send: (p: Parcel<T>) => Promise<R>
  onDone?: (p: Parcel<T>, result: R) => void
  /** Parcels kept at most. 1,000 unless told. */
  max?: number
  /** A parcel of this age (ms) is not sent any more but fails with `too_old`: set it where the server forgets keys. */
  maxAgeMs?: number
  /** Whether the body of a stored parcel is one that `send` understands. One that is not, or makes this throw (another program's, an older one's), is left out. */
  understands?: (body: unknown) => boolean
  env?: Environment
  newKey?: () => string
}

const RETRY_BASE_MS = 1_000
const RETRY_CAP_MS = 15_000

/** Keeps an outbox under `name` in localStorage, AsyncStorage or anything like them. */
export function keptIn(store: { getItem(name: string): string | null | Promise<string | null>; setItem(name: string, text: string): void | Promise<void> }, name: string): OutboxStorage {
  return { load: () => store.getItem(name), save: (text) => store.setItem(name, text) }
}

/**
 * A queue on the device for idempotent calls made without a network (a driver in a dead spot boards riders). It owns what has not been
 * answered yet and nothing else: parcels leave in order, one at a time, survive a reload, and stay visible when the server refuses them.
 * A storage that fails costs the survival, not the calls. Nothing is saved before it has been read: that would wipe what it holds.
 */
export class Outbox<T, R> {
  private parcels: readonly Parcel<T>[] = []
  private readonly listeners = new Set<() => void>()
  private readonly env: Environment
  private running = false
  private stopped = false
  private loaded = false
  private timer: unknown = null
  private asked = false // the storage has answered once, be it that it cannot
  private loading = false
  private failures = 0 // to load
  private loadTimer: unknown = null
  private saves = 0 // on their way
  private saving: Promise<void> = Promise.resolve()
  /**
   * Settles when what was kept has been loaded, or the storage has said that it cannot be read now: what it holds comes later, as a
   * change. Never rejects. At once where the storage answers at once.
   */
  readonly ready: Promise<void>

  constructor(private readonly opt: OutboxOptions<T, R>) {
    this.env = opt.env ?? systemEnvironment
    this.ready = this.load()
  }

  /** What waits and what was refused, oldest first: the same array until something changes. */
  snapshot = (): readonly Parcel<T>[] => this.parcels

  /** `fn` runs after each change of `snapshot()`. */
  onChange = (fn: () => void): (() => void) => {
    this.listeners.add(fn)
    return () => this.listeners.delete(fn)
  }

  /** Keeps `body` and sends it when it can. Throws CallError `queue_full` when `max` parcels are there. */
  put(body: T): Parcel<T> {
    const max = this.opt.max ?? 1_000
    if (this.parcels.length >= max) throw new CallError({ code: 'queue_full', message: `${max} calls wait already.` })
    const key = (this.opt.newKey ?? newKey)()
    const parcel: Parcel<T> = { key, at: this.env.now(), body, tries: 0 }
    this.write([...this.parcels, parcel])
    void this.flush()
    return parcel
  }

  /** Takes a refused parcel off the list: a person has read why. */
  dismiss(key: string): void {
    this.write(this.parcels.filter((p) => p.key !== key))
  }

  /** Sends what waits. Safe to call at any time; call it when the network is back. */
  flush(): Promise<void> {
    void this.load()
    return this.deliverAll()
  }

  /** Sends no more; what waits stays kept for another time. */
  stop(): void {
    this.stopped = true
    this.env.clearTimeout(this.timer)
    this.env.clearTimeout(this.loadTimer)
    if (this.parcels.length > 0) void this.load() // the last chance to save them
  }

  private async deliverAll(): Promise<void> {
    if (this.running || !this.asked || this.stopped) return
    this.running = true
    this.env.clearTimeout(this.timer)
    try {
      for (let next = this.waiting(); next && !this.stopped; next = this.waiting()) if (!(await this.deliver(next))) return
    } finally {
      this.running = false
    }
  }

  /** Whether the parcel is settled, one way or the other. */
  private async deliver(next: Parcel<T>): Promise<boolean> {
    if (this.opt.maxAgeMs !== undefined && this.env.now() - next.at > this.opt.maxAgeMs) {
      this.change(next.key, { failed: { code: 'too_old', detail: 'It could not be sent in time.' } })
      return true
    }
    let result: R
    try {
      result = await this.opt.send(next)
    } catch (e) {
      const refusal = (typeof e === 'object' && e !== null ? e : {}) as { final?: boolean; code?: string; detail?: string }
      const tries = next.tries + 1
      if (refusal.final) {
        this.change(next.key, { tries, failed: { code: refusal.code ?? 'internal', detail: refusal.detail ?? '' } })
        return true
      }
      this.change(next.key, { tries })
      if (!this.stopped) this.timer = this.env.setTimeout(() => void this.flush(), pause(tries, this.env))
      return false
    }
    this.dismiss(next.key)
    callOut(() => this.opt.onDone?.(next, result))
    return true
  }

  /** Asks the storage for what it holds, unless that is known or being asked. */
  private load(): Promise<void> {
    if (this.loaded || this.loading) return Promise.resolve()
    this.loading = true
    this.env.clearTimeout(this.loadTimer)
    let text: string | null | PromiseLike<string | null>
    try {
      text = this.opt.storage.load()
    } catch {
      this.loadLater() // refused (private window)
      return Promise.resolve()
    }
    if (comesLater(text)) return Promise.resolve(text).then((kept) => this.begin(kept), () => this.loadLater())
    this.begin(text)
    return Promise.resolve()
  }

  private begin(text: string | null) {
    this.loading = false
    this.asked = this.loaded = true
    const kept = read<T>(text, this.opt.understands)
    const early = this.parcels // put before the storage could be read: after what was there already
    this.parcels = [...kept, ...early]
    if (early.length > 0) this.write(this.parcels)
    else if (kept.length > 0) this.tell()
    void this.deliverAll() // who asked before the storage answered was told to wait
  }

  /** What the storage holds is not known yet: calls of this run leave all the same, but nothing is saved over it. */
  private loadLater() {
    this.loading = false
    this.asked = true
    if (!this.stopped) this.loadTimer = this.env.setTimeout(() => void this.load(), pause(++this.failures, this.env))
    void this.deliverAll()
  }

  private waiting(): Parcel<T> | undefined {
    return this.parcels.find((p) => !p.failed)
  }

  private change(key: string, change: Partial<Parcel<T>>) {
    this.write(this.parcels.map((p) => (p.key === key ? { ...p, ...change } : p)))
  }

  private write(parcels: readonly Parcel<T>[]) {
    this.parcels = parcels
    if (this.loaded) this.save(JSON.stringify(parcels))
    this.tell()
  }

  /** One save at a time, or an older list could be the last to arrive. */
  private save(text: string) {
    const { storage } = this.opt
    const saved = this.saves === 0 ? attempt(() => storage.save(text)) : this.saving.then(() => storage.save(text))
    if (!comesLater(saved)) return
    this.saves++
    this.saving = Promise.resolve(saved).catch(() => undefined).then(() => void this.saves--)
  }
  private tell() {
    for (const fn of [...this.listeners]) callOut(fn)
  }
}

const pause = (tries: number, env: Environment): number => fullJitter(Math.min(tries, 5), env.random, RETRY_BASE_MS, RETRY_CAP_MS)

/** A promise, also one of another library or realm: instanceof knows its own alone. */
function comesLater<V>(x: V | PromiseLike<V> | undefined): x is PromiseLike<V> {
  return typeof (x as { then?: unknown } | null | undefined)?.then === 'function'
}

function attempt<V>(fn: () => V): V | undefined {
  try {
    return fn()
  } catch {
    return undefined // what we were given failed: a storage (private window, quota), a question about a body
  }
}

/** What can be understood of a stored list. The rest is left out one by one: nobody could send it, and it must not keep others from leaving. */
function read<T>(text: string | null, understands: (body: unknown) => boolean = () => true): Parcel<T>[] {
  if (!text) return []
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list.filter((p: unknown): p is Parcel<T> => isParcel(p) && attempt(() => understands(p.body)) === true) : []
  } catch {
    return [] // a half-written list from a dying phone: what it held cannot be told any more
  }
}

function isParcel(p: unknown): p is Parcel<unknown> {
  const { key, at, body, tries, failed } = (p ?? {}) as Partial<Record<keyof Parcel<unknown>, unknown>>
  return typeof key === 'string' && key !== '' && typeof at === 'number' && typeof tries === 'number' && body !== undefined && (failed === undefined || isRefusal(failed))
}

function isRefusal(f: unknown): f is NonNullable<Parcel<unknown>['failed']> {
  const { code, detail } = (f ?? {}) as { code?: unknown; detail?: unknown }
  return typeof code === 'string' && typeof detail === 'string'
}
