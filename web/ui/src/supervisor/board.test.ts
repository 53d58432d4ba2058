import { describe, expect, it } from 'vitest'
import { doing, slaTone, type BoardExpert } from './types'

const expert: BoardExpert = { id: 'e', name: 'E', intent: 'available', asked: false, reach: 'connected', slots: 1, ringing: 0, busy: 0, rating: 0, price: { amount: 1, currency: 'AED' }, fits: true }

describe('the board', () => {
  it('says what an expert is doing: what binds them first, then what they want, then whether they can be reached', () => {
    expect(doing(expert)).toBe('free')
    expect(doing({ ...expert, asked: true })).toBe('asked')
    expect(doing({ ...expert, reach: 'gone', asked: true })).toBe('away')
    expect(doing({ ...expert, reach: 'push' })).toBe('free')
    expect(doing({ ...expert, intent: 'break', reach: 'gone' })).toBe('break')
    expect(doing({ ...expert, intent: 'off', busy: 1 })).toBe('talking')
    expect(doing({ ...expert, busy: 1, ringing: 1 })).toBe('ringing')
  })
  it('colours a wait by what was promised', () => {
    expect(slaTone(40, 60)).toBe('good')
    expect(slaTone(41, 60)).toBe('held')
    expect(slaTone(60, 60)).toBe('held')
    expect(slaTone(61, 60)).toBe('bad')
  })
})
