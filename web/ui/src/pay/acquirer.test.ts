import { describe, expect, it } from 'vitest'
import { refusalOf } from './acquirer'

describe('why a card was not taken', () => {
  it.each([
    [{ code: 'card_declined', decline_code: 'insufficient_funds' }, 'funds'],
    [{ code: 'card_declined', decline_code: 'generic_decline' }, 'declined'],
    [{ code: 'expired_card' }, 'expired'],
    [{ code: 'incorrect_cvc' }, 'details'],
    [{ type: 'validation_error', code: 'incomplete_number' }, 'details'],
    [{ code: 'payment_intent_authentication_failure' }, 'bank'],
    [{ type: 'api_connection_error' }, 'unanswered'],
    [{}, 'declined'],
  ] as const)('%o is %s', (e, want) => {
    expect(refusalOf(e)).toBe(want)
  })
})
