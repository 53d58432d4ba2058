import { describe, expect, it } from 'vitest'
import { refusalSaid } from './acquirer'
import { cardName, expired, expiry, type SavedCard } from './cards'

const card = (exp_month: number, exp_year: number, brand = 'visa'): SavedCard => ({ id: '1', brand, last4: '4242', exp_month, exp_year, preferred: true, added_at: '' })

describe('a saved card', () => {
  it('is called what its owner calls it', () => {
    expect(cardName(card(1, 2031))).toBe('Visa •••• 4242')
    expect(cardName(card(1, 2031, 'girocard'))).toBe('girocard •••• 4242')
    expect(expiry(card(1, 2031))).toBe('01/31')
  })
  it('is good until the end of its month', () => {
    expect(expired(card(11, 2026), new Date(2026, 10, 30))).toBe(false)
    expect(expired(card(10, 2026), new Date(2026, 10, 1))).toBe(true)
    expect(expired(card(1, 2027), new Date(2026, 11, 31))).toBe(false)
  })
  it('says why it was refused', () => {
    expect([undefined, 'insufficient_funds', 'authentication_failed', 'limit_reached'].map(refusalSaid)).toEqual([null, 'funds', 'bank', 'declined'])
  })
})
