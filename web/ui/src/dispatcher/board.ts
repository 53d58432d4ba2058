import { boardChannel as channelOf, type Snapshot } from '@waymeet/sdk'
import type { BoardDoc, Line, TripStatus } from '../api/types'
import { headsignOf } from '../app/lines'
import { folded } from '../i18n/fold'

export type Row = { id: string; v: number; d: BoardDoc }
export type Window = 'now' | 'morning' | 'midday' | 'evening' | 'day'

const fixed: Record<Exclude<Window, 'now' | 'day'>, [string, string]> = { morning: ['05:00', '11:00'], midday: ['11:00', '16:00'], evening: ['16:00', '22:00'] }

/** The board's channel. «Now» follows the clock by whole hours, so that the subscription changes once an hour, not each minute. */
export function boardChannel(date: string, window: Window, time: string): string {
  if (window === 'day') return channelOf({ date })
  const [from, to] = window === 'now' ? around(time) : fixed[window]
  return channelOf({ date, from, to })
}

function around(time: string): [string, string] {
  const h = Number(time.slice(0, 2))
  const hh = (x: number) => `${String(x).padStart(2, '0')}:00`
  return [hh(Math.max(0, h - 1)), h + 5 > 23 ? '23:59' : hh(h + 5)]
}

/** A line as it is written on a vehicle: its short name first, when the name does not begin with it. */
export const fullName = (l: Line) => (l.short_name && !l.name.startsWith(l.short_name) ? `${l.short_name} ${l.name}` : l.name)

/** The rows of a board, in order of departure. Documents stay slim: names, ways and colours of lines come by HTTP, once. */
export function rowsOf(s: Snapshot, lines: ReadonlyMap<string, Line>): Row[] {
  const rows: Row[] = []
  for (const [e, held] of s.entities) {
    if (!e.startsWith('trip/')) continue
    const d = held.d as unknown as BoardDoc
    const line = lines.get(d.line)
    rows.push({ id: e.slice(5), v: held.v, d: line ? dressed(d, line) : d })
  }
  return rows.sort((a, b) => a.d.departs_at.localeCompare(b.d.departs_at) || (a.d.line_name ?? '').localeCompare(b.d.line_name ?? '') || a.id.localeCompare(b.id))
}

// A row's document keeps its identity until it changes, so that a row redraws only then.
const worn = new WeakMap<BoardDoc, { line: Line; d: BoardDoc }>()
function dressed(d: BoardDoc, line: Line): BoardDoc {
  const known = worn.get(d)
  if (known?.line === line) return known.d
  const headsign = headsignOf(line, d.pattern)
  const out: BoardDoc = { ...d, line_name: fullName(line), ...(headsign ? { headsign } : {}), ...(line.color ? { color: line.color } : {}) }
  worn.set(d, { line, d: out })
  return out
}

/** Seats taken on each leg, also where a smaller vehicle left more people than seats. */
export function loadOf(d: BoardDoc): number[] {
  return d.load ?? d.free.map((f, i) => d.capacity - f + (d.overload?.[i] ?? 0))
}

export const isOverloaded = (d: BoardDoc) => (d.overload ?? []).some((n) => n > 0)
export const isActive = (s: TripStatus) => s === 'boarding' || s === 'departed'

export type Wanted = { text: string; status: 'all' | 'open' | 'trouble'; line: string }

const LATE_S = 300

export const inTrouble = (d: BoardDoc) => d.status === 'cancelled' || isOverloaded(d) || (d.delay_s ?? 0) >= LATE_S || Boolean(d.incident) || (d.flags ?? []).length > 0

export function wanted(r: Row, w: Wanted): boolean {
  if (w.line && r.d.line !== w.line) return false
  if (w.status === 'open' && (r.d.status === 'completed' || r.d.status === 'cancelled')) return false
  if (w.status === 'trouble' && !inTrouble(r.d)) return false
  const text = folded(w.text.trim())
  if (!text) return true
  const hay = folded([r.d.line_name, r.d.headsign, r.d.dep, r.d.vehicle, r.d.driver, r.d.incident].join(' '))
  return text.split(/\s+/).every((part) => hay.includes(part))
}

export type Totals = { trips: number; active: number; booked: number; held: number; boarded: number; late: number; over: number; share: number }

export function totals(rows: readonly Row[]): Totals {
  let taken = 0
  let seats = 0
  const out: Totals = { trips: rows.length, active: 0, booked: 0, held: 0, boarded: 0, late: 0, over: 0, share: 0 }
  for (const { d } of rows) {
    if (isActive(d.status)) out.active++
    out.booked += d.booked ?? 0
    out.held += d.held ?? 0
    out.boarded += d.boarded ?? 0
    if ((d.delay_s ?? 0) >= LATE_S) out.late++
    if (isOverloaded(d)) out.over++
    if (d.status === 'cancelled') continue
    for (const n of loadOf(d)) taken += n
    seats += d.capacity * d.free.length
  }
  out.share = seats > 0 ? taken / seats : 0
  return out
}
