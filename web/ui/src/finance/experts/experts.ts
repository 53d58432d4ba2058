import type { Money } from '../../api/types'
import type { LineState, Rail } from '../payouts/payouts'

export type SellerAccount = { expert: string; country: string; transfers: 'none' | 'active' | 'pending' | 'inactive'; can_pay_out: boolean; submitted: boolean; due: string[]; deadline?: string; disabled?: string; seen_at: string }
export type ExpertPayout = { run: string; amount: Money; state: LineState; at: string; rail?: Rail; number?: string; problem?: string }
export type Expert = {
  id: string
  name: string
  payable: Money[]
  at_gateway: Money[]
  owes_back: Money[]
  holder?: string
  number?: string
  number_at?: string
  account?: SellerAccount
  last_payout?: ExpertPayout
}
export type ExpertAct = { at: string; by?: string; action: 'beneficiary.set' | 'seller.open'; number?: string }
export type ExpertStory = Expert & { payouts: ExpertPayout[]; acts: ExpertAct[] }

export type Standing = 'none' | 'asks' | 'waits' | 'good' | 'stopped'

/** How it stands with an account at the gateway, in the order in which somebody has to do something about it. */
export function standing(a: SellerAccount | undefined): Standing {
  if (!a) return 'none'
  if (a.disabled || a.transfers === 'inactive') return a.due.length > 0 ? 'asks' : 'stopped'
  if (a.due.length > 0) return 'asks'
  return a.transfers === 'active' && a.can_pay_out ? 'good' : 'waits'
}

export const standingTone = { none: 'neutral', asks: 'held', waits: 'held', good: 'good', stopped: 'bad' } as const
