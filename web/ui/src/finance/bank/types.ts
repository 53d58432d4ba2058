import type { Money } from '../../api/types'

export type Pay = { invoice: string; number?: string; amount: number }
export type Reason = 'number_in_reference' | 'amount_equal' | 'sum_of_named_equal' | 'payer_is_customer' | 'amount_lower' | 'amount_higher' | 'amount_of_several' | 'before_invoice'
export type Match = { score: number; why: Reason[]; pays: Pay[] }
export type Payout = { id: string; gateway: string; ref: string; amount: Money; at: string }
export type Done = { id: string; amount: Money; invoice?: string; number?: string; gateway?: string; how: 'automatic' | 'manual'; by: string; at: string; undone_at?: string; undone_by?: string; why?: string }
export type Where = 'waiting' | 'aside' | 'matched'
export type BankLine = {
  id: string
  account: string
  booked: string
  amount: Money
  left: number
  payer: string
  text: string
  reference?: string
  matches: Match[]
  payouts?: Payout[]
  done?: Done[]
  aside?: { reason: string; by: string; at: string }
}
export type ReadLine = Pick<BankLine, 'booked' | 'amount' | 'payer' | 'text' | 'reference' | 'matches'> & { known: boolean; certain: boolean }
export type Order = 'ymd' | 'dmy' | 'mdy'
export const signs = ['comma', 'point'] as const
export type Sign = (typeof signs)[number]
export type Read = { lines: number; fresh: number; certain: number; skipped: number; dates: Order; decimal: Sign; from?: string; to?: string; items: ReadLine[] }
export type Imported = { lines: number; fresh: number; matched: number; skipped: number }
