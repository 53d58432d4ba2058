import { emptySnapshot } from '@waymeet/sdk'
import { describe, expect, it } from 'vitest'
import type { BoardDoc, Line } from '../api/types'
import { boardChannel, loadOf, rowsOf, totals, wanted, type Row } from './board'

const doc = (change: Partial<BoardDoc> = {}): BoardDoc => ({
  line: 'l1', pattern: 'p', date: '2026-11-23', dep: '07:10', departs_at: '2026-11-23T06:10:00Z', status: 'scheduled', capacity: 14, free: [14, 10, 12], line_name: 'L1 Casa Port – Sidi Maârouf', ...change,
})
const row = (change: Partial<BoardDoc> = {}): Row => ({ id: 'x', v: 1, d: doc(change) })

describe('board', () => {
  it('asks for a window that changes once an hour', () => {
    expect(boardChannel('2026-11-23', 'now', '07:10')).toBe(boardChannel('2026-11-23', 'now', '07:59'))
    expect(boardChannel('2026-11-23', 'now', '07:10')).toBe('board:2026-11-23?from=06:00&to=12:00')
    expect(boardChannel('2026-11-23', 'now', '00:20')).toBe('board:2026-11-23?from=00:00&to=05:00')
    expect(boardChannel('2026-11-23', 'now', '21:20')).toBe('board:2026-11-23?from=20:00&to=23:59')
    expect(boardChannel('2026-11-23', 'day', '07:10')).toBe('board:2026-11-23')
  })

  it('puts lines on documents that do not carry them, and keeps what did not change', () => {
    const slim = doc()
    delete slim.line_name
    const lines = new Map<string, Line>([['l1', { id: 'l1', name: 'Casa Port – Oasis', short_name: 'L1', color: '#0b7a75' }]])
    const late = { ...slim, dep: '08:10', departs_at: '2026-11-23T07:10:00Z' }
    const snapshot = { ...emptySnapshot, entities: new Map([['trip/b', { v: 2, d: late as never }], ['trip/a', { v: 1, d: slim as never }], ['note/x', { v: 1, d: {} }]]) }
    const rows = rowsOf(snapshot, lines)
    expect(rows.map((r) => [r.id, r.d.line_name, r.d.color])).toEqual([['a', 'L1 Casa Port – Oasis', '#0b7a75'], ['b', 'L1 Casa Port – Oasis', '#0b7a75']])
    expect(rowsOf(snapshot, lines)[0]?.d).toBe(rows[0]?.d)
  })

  it('counts overload as people on the leg', () => {
    expect(loadOf(doc({ capacity: 8, free: [0, 2, 8], overload: [3, 0, 0] }))).toEqual([11, 6, 0])
  })

  it('finds by every word, over line, time, vehicle and driver', () => {
    const r = row({ vehicle: 'WM-014', driver: 'Yassine B.' })
    expect(wanted(r, { text: 'port 07:10', status: 'all', line: '' })).toBe(true)
    expect(wanted(r, { text: 'yassine 014', status: 'all', line: '' })).toBe(true)
    expect(wanted(r, { text: 'yassine 015', status: 'all', line: '' })).toBe(false)
    expect(wanted(r, { text: '', status: 'all', line: 'l2' })).toBe(false)
    expect(wanted(r, { text: 'maarouf', status: 'all', line: '' })).toBe(true)
    expect(wanted(row({ driver: 'إبراهيم القاسِي' }), { text: 'ابراهيم القاسى', status: 'all', line: '' })).toBe(true)
    expect(wanted(row({ driver: 'Amelie' }), { text: 'AMÉLIE', status: 'all', line: '' })).toBe(true)
    expect(wanted(r, { text: '', status: 'trouble', line: '' })).toBe(false)
    expect(wanted(row({ delay_s: 300 }), { text: '', status: 'trouble', line: '' })).toBe(true)
  })

  it('leaves cancelled trips out of the share of seats taken', () => {
    const t = totals([row({ free: [7], booked: 7 }), row({ free: [0], status: 'cancelled' }), row({ free: [14], status: 'departed', delay_s: 400 })])
    expect(t).toMatchObject({ trips: 3, active: 1, booked: 7, late: 1, share: 0.25 })
  })
})
