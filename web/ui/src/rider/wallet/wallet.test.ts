import { describe, expect, it } from 'vitest'
import type { Payment } from '../../pay/payment'
import kinds from '../../i18n/kinds.json'
import { disputeWord, lineWord } from './wallet'

/** Journals that move no wallet; a new kind is one of these, or has a word for whose wallet it moves. */
const others = /^(bank|credit|gateway|invoice|payout|reversal|share|shift)_|^payment_dispute|^(dispute_(borne|kept|shared)|hold_expired|loss_released|match_undone|pass_(breakage|earned|unearned|used)|payment_refunded|second_earned|seat_(cash|earned)|session_(hold|released|shared|unshared))$/

describe('what a payer is told', () => {
  const of = (subject: string, state: NonNullable<Payment['dispute']>['state']) => disputeWord({ subject, dispute: { state, amount: { amount: 1, currency: 'MAD' } } })
  it('of a dispute is what it means for them', () => {
    expect([of('wallet/1', 'open'), of('pass/1', 'open'), of('booking/1', 'open')]).toEqual(['wallet.dispute.kept', 'wallet.dispute.open', 'wallet.dispute.open'])
    expect([of('wallet/1', 'lost'), of('pass/1', 'lost'), of('booking/1', 'lost'), of('session/1', 'lost')]).toEqual(['wallet.dispute.owed', 'wallet.dispute.owed', 'wallet.dispute.lost', 'wallet.dispute.lost'])
    expect(of('wallet/1', 'won')).toBe('wallet.dispute.won')
  })
  it('of every move of a wallet has a word', () => {
    expect(kinds.journal.filter((k) => !others.test(k) && lineWord(k) === 'other')).toEqual([])
    expect(kinds.journal.filter((k) => others.test(k) && lineWord(k) !== 'other')).toEqual([])
  })
  it('of what moves by itself has words', () => {
    expect(['refund_redirected', 'payment_refund_returned', 'dispute_taken', 'dispute_restored', 'recovered', 'refund_to_wallet'].map(lineWord)).toEqual(['here', 'here', 'disputed', 'restored', 'debt', 'back'])
  })
})
