import { fullJitter } from './backoff'
import type { Environment } from './client'

/** Something that must reach the server once, however long that takes: its key makes the repeats harmless. */
export type Parcel<T> = { key: string; at: number; body: T; tries: number; failed?: { code: string; detail: string } }

export type OutboxStorage = { load(): string | null; save(text: string): void }

export type OutboxOptions<T, R> = {
  storage: OutboxStorage
  env: Environment
  /** Sends one parcel under its key. Throws `{ final: true, code, detail }` when the server has decided against it; anything else is tried again. */
  send: (p: Parcel<T>) => Promise<R>
  onDone?: (p: Parcel<T>, result: R) => void
  newKey?: () => string
}

/**
 * A queue on the device for idempotent calls made without a network (a driver in a dead spot boards riders). It owns what has not been
 * answered yet and nothing else: parcels leave in order, one at a time, survive a reload, and stay visible when the server refuses them.
 */
export class Outbox<T, R> {
  private parcels: readonly Parcel<T>[]
  private readonly listeners = new Set<() => void>()
  private running = false
  private timer: unknown = null

  constructor(private readonly opt: OutboxOptions<T, R>) {
    this.parcels = read<T>(opt.storage.load())
  }

  snapshot = (): readonly Parcel<T>[] => this.parcels

  onChange = (fn: () => void): (() => void) => {
    this.listeners.add(fn)
    return () => this.listeners.delete(fn)
  }

  put(body: T): Parcel<T> {
    const key = this.opt.newKey ? this.opt.newKey() : crypto.randomUUID()
    const parcel: Parcel<T> = { key, at: this.opt.env.now(), body, tries: 0 }
    this.write([...this.parcels, parcel])
    void this.flush()
    return parcel
  }

  /** Takes a refused parcel off the list: a person has read why. */
  dismiss(key: string) {
    this.write(this.parcels.filter((p) => p.key !== key))
  }

  /** Sends what waits. Safe to call at any time; call it when the network is back. */
  async flush(): Promise<void> {
    if (this.running) return
    this.running = true
    this.opt.env.clearTimeout(this.timer)
    try {
      for (let next = this.waiting(); next; next = this.waiting()) {
        try {
          const result = await this.opt.send(next)
          this.dismiss(next.key)
          this.opt.onDone?.(next, result)
        } catch (e) {
          const refusal = e as { final?: boolean; code?: string; detail?: string }
          const tries = next.tries + 1
          if (refusal.final) this.change(next.key, { tries, failed: { code: refusal.code ?? 'internal', detail: refusal.detail ?? '' } })
          else {
            this.change(next.key, { tries })
            this.timer = this.opt.env.setTimeout(() => void this.flush(), fullJitter(Math.min(tries, 5), this.opt.env.random, 1_000, 15_000))
            return
          }
        }
      }
    } finally {
      this.running = false
    }
  }

  private waiting(): Parcel<T> | undefined {
    return this.parcels.find((p) => !p.failed)
  }

  private change(key: string, change: Partial<Parcel<T>>) {
    this.write(this.parcels.map((p) => (p.key === key ? { ...p, ...change } : p)))
  }

  private write(parcels: readonly Parcel<T>[]) {
    this.parcels = parcels
    this.opt.storage.save(JSON.stringify(parcels))
    for (const fn of [...this.listeners]) fn()
  }
}

function read<T>(text: string | null): Parcel<T>[] {
  if (!text) return []
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? (value as Parcel<T>[]) : []
  } catch {
    return [] // a half-written list from a dying phone: what it held cannot be told any more
  }
}
