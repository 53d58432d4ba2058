import type { Money } from '../api/types'

export const reasons = ['not_delivered', 'late', 'wrong_amount', 'not_ours', 'quality', 'other'] as const
export type Reason = (typeof reasons)[number]
export type Decision = 'declined' | 'goodwill' | 'credit' | 'refund'
export type Evidence = { id: string; says?: string; file?: string; type?: string; size?: number; at: string }
export type Case = {
  id: string
  subject: string
  reason: Reason
  says: string
  state: 'open' | 'decided'
  decision?: Decision
  amount?: Money
  answer?: string
  outcome?: string
  opened_at: string
  decided_at?: string
  evidence?: Evidence[]
  about?: { text: string; person?: string; date?: string; amount: Money; share?: Money; pay?: string; refundable?: boolean; net?: boolean; invoice?: string; number?: string; state?: string; boarded_at?: string }
}
