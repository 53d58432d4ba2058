import type { Clock } from './fakes.js'
import { Wire } from './fakes.js'

type Asked = { id: number; sub?: string | string[]; have?: Record<string, number>; unsub?: string; call?: string; signal?: string }
export type Told = Asked & { at: number }

/** What a node charges: the numbers of realtime/auth.go. */
const PER_S = 30
const ABUSE = 300

/** A node that charges what it is asked as the real one does, and closes 4029 on abuse. Every channel shows two entities, `small:` ones one. */
export class Metered {
  wires: Wire[] = []
  told: Told[] = []
  refused = 0
  floods = 0
  /** What may be asked at once, and how long each answer takes. */
  burst = 60
  perS = PER_S
  delay = 20
  /** What each answer waits behind the one before, where the node takes its time. */
  turn = 0
  private busy = 0
  up = true

  constructor(private readonly clock: Clock) {}

  open = (url: string, protocols: string[]): Wire => {
    const wire = new Wire(url, protocols)
    this.wires.push(wire)
    let full = 0
    let inARow = 0
    wire.send = (text) => {
      const r = JSON.parse(text) as Asked
      const now = this.clock.t
      this.told.push({ ...r, at: now })
      if (full < now) {
        full = now
        inARow = 0
      }
      const next = full + 1000 / this.perS
      if (next - now > (this.burst * 1000) / this.perS + 1e-6) {
        this.refused++
        if (++inARow > ABUSE) {
          this.floods++
          return wire.drop(4029)
        }
        return this.say(wire, { id: r.id, err: { code: 'rate_limited', message: '', retry: true } })
      }
      full = next
      this.say(wire, { id: r.id, ok: this.answer(r) })
    }
    if (this.up) this.clock.env.setTimeout(() => wire.hello(), 1)
    else this.clock.env.setTimeout(() => wire.drop(), 1)
    return wire
  }

  cut() {
    this.up = false
    this.wires.at(-1)?.drop()
  }

  /** All that was asked for since `from`, channel by channel. */
  channels(from = 0): string[] {
    return this.told.slice(from).flatMap((r) => r.sub ?? [])
  }

  private say(wire: Wire, frame: unknown) {
    this.busy = Math.max(this.busy, this.clock.t) + this.turn
    this.clock.env.setTimeout(() => wire.readyState === 1 && wire.say(frame), this.busy - this.clock.t + this.delay)
  }

  private answer(r: Asked): unknown {
    const set = (ch: string) => ({ set: r.have ? {} : { [`${ch}/a`]: { v: 1, d: { n: 1 } }, ...(ch.startsWith('small:') ? {} : { [`${ch}/b`]: { v: 1, d: { n: 1 } } }) } })
    if (Array.isArray(r.sub)) return Object.fromEntries(r.sub.map((ch) => [ch, set(ch)]))
    if (r.sub !== undefined) return set(r.sub)
    return r.call === undefined ? {} : { status: 200 }
  }
}
