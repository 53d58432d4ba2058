import { describe, expect, it } from 'vitest'
import { addDays, dateOf, daysBetween, formats, timeOf, wallTime } from './format'

describe('formats', () => {
  it('writes the digits of the country that the tenant works in', () => {
    expect(formats('ar', 'MAD').time('07:10')).toBe('07:10') // Morocco writes western digits
    expect(formats('ar', 'EGP').time('07:10')).toBe('٠٧:١٠')
    expect(formats('ar', 'EGP').n(14)).toBe('١٤')
    expect(formats('fr', 'MAD').time('07:10')).toBe('07:10')
  })

  it('reads amounts in minor units of their currency', () => {
    expect(formats('en', 'KES').money({ amount: 12050, currency: 'KES' })).toContain('120.50')
    expect(formats('en', 'MAD').money({ amount: 1200, currency: 'MAD' })).toMatch(/12(?!\.)/)
    expect(formats('en', 'MAD').money({ amount: 1200, currency: 'JPY' })).toContain('1,200')
    expect(formats('en', 'MAD').money({ amount: 1200, currency: 'KWD' })).toContain('1.200')
  })

  it('keeps the decimals of amounts that stand in columns', () => {
    expect(formats('en', 'MAD').exact({ amount: 5000, currency: 'MAD' })).toContain('50.00')
    expect(formats('en', 'MAD').exact({ amount: 1200, currency: 'JPY' })).toMatch(/1,200$/)
    expect(formats('en', 'MAD').exact({ amount: 1200, currency: 'KWD' })).toContain('1.200')
  })

  it('shows civil dates as they are, in any zone of the device', () => {
    expect(formats('en', 'MAD').longDate('2026-11-23')).toMatch(/Monday,? 23 November/)
    expect(formats('en', 'MAD').datedDay('2026-01-01', '2026-11-23')).toMatch(/Thursday,? 1 January$/)
    expect(formats('en', 'MAD').datedDay('2025-12-31', '2026-01-01')).toBe('31 December 2025')
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01')
    expect(daysBetween('2026-12-31', '2027-01-02')).toBe(2)
  })

  it('counts down in whole seconds, never below nothing', () => {
    const f = formats('en', undefined)
    expect(f.countdown(299_001)).toBe('5:00')
    expect(f.countdown(59_000)).toBe('0:59')
    expect(f.countdown(-5)).toBe('0:00')
  })
})

describe('instants', () => {
  it('are shown as they were written, whatever zone data the device has', () => {
    const f = formats('en', 'MAD')
    expect(f.moment('2026-11-22T23:34:12+01:00')).toMatch(/22 Nov 2026.*23:34/)
    expect(f.moment('2026-03-01T23:30:00Z')).toMatch(/1 Mar 2026.*23:30/) // Ramadan: an hour less
    expect(dateOf('2026-11-23T00:10:00.123456+01:00')).toBe('2026-11-23')
    expect(timeOf('2026-11-23T00:10:00.123456+01:00')).toBe('00:10')
  })
})

describe('wallTime', () => {
  const pickup = { time: '07:10', at: '2026-11-23T06:10:00Z' }
  it('tells a local time from one that the server sent', () => {
    expect(wallTime(pickup, '2026-11-23T05:40:00Z')).toBe('06:40')
    expect(wallTime(pickup, '2026-11-22T22:30:00Z')).toBe('23:30')
    expect(wallTime({ time: '24:20', at: '2026-11-23T23:20:00Z' }, '2026-11-23T22:50:00Z')).toBe('23:50')
  })
})
