import { describe, expect, it } from 'vitest'
import type { PaymentStep } from './payment'
import { asksOn } from './Paying'

const step = (s: Partial<PaymentStep>): PaymentStep => {
  const none = { amount: 0, currency: 'MAD' }
  return { id: 'p', subject: 'wallet/u', status: 'open', amount: { amount: 5000, currency: 'MAD' }, captured: none, refunded: none, refunding: none, closes_at: '', created_at: '', ...s }
}

describe('a payment is asked about', () => {
  it('while nothing is left to do and it is not over: that is not paid', () => {
    expect(asksOn(step({}), false)).toBe(true)
    expect(asksOn(step({ status: 'authorised' }), false)).toBe(true)
  })
  it('not while its payer has something to do, and again when they have done it', () => {
    const form = step({ next: { kind: 'form', client_secret: 's' } })
    expect(asksOn(form, false)).toBe(false)
    expect(asksOn(form, true)).toBe(true)
  })
  it('no more when it is over', () => {
    for (const status of ['paid', 'cancelled'] as const) for (const done of [false, true]) expect(asksOn(step({ status }), done), status).toBe(false)
  })
})
