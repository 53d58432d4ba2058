import { describe, expect, it } from 'vitest'
import { costOf, readMeter } from './clock'

const at = (s: string) => Date.parse(`2026-11-23T10:00:${s}Z`)
const doc = (meter: object) => ({ rate: { amount: 500, currency: 'AED' }, meter: { billed_s: 0, funded_s: 600, free_s: 0, warned: false, ...meter } })

describe('the meter on a screen', () => {
  it('counts on from where it was written, a second a second', () => {
    const d = doc({ billed_s: 30, running_since: '2026-11-23T10:00:00Z' })
    expect(readMeter(d, at('00.900')).seconds).toBe(30)
    expect(readMeter(d, at('12.100'))).toEqual({ seconds: 42, cost: { amount: 350, currency: 'AED' }, left: 558, running: true })
  })
  it('stands while it is paused, however long that is', () => {
    expect(readMeter(doc({ billed_s: 30 }), at('59'))).toMatchObject({ seconds: 30, left: 570, running: false })
  })
  it('stands at our last heartbeat when they go unheard', () => {
    const d = doc({ billed_s: 30, running_since: '2026-11-23T10:00:00Z' })
    expect(readMeter(d, at('50'), at('12.100'))).toMatchObject({ seconds: 42, running: false })
  })
  it('never shows more than is funded, nor less than was written', () => {
    const d = doc({ billed_s: 590, funded_s: 595, running_since: '2026-11-23T10:00:00Z' })
    expect(readMeter(d, at('50'))).toMatchObject({ seconds: 595, left: 0 })
    expect(readMeter(d, at('00') - 5_000).seconds).toBe(590) // a clock of ours that is behind
  })
  it('charges nothing for the free seconds', () => {
    const d = doc({ billed_s: 70, free_s: 60 })
    expect(readMeter(d, at('00'))).toMatchObject({ cost: { amount: 83 }, left: 590 })
    expect(readMeter(doc({ billed_s: 40, free_s: 60 }), at('00')).cost.amount).toBe(0)
  })
  it('rounds as the server does', () => {
    expect(costOf({ amount: 500, currency: 'AED' }, 59)).toBe(491)
    expect(costOf({ amount: 1234, currency: 'KWD' }, 61)).toBe(1250)
    expect(costOf({ amount: 500, currency: 'AED' }, -3)).toBe(0)
  })
})
