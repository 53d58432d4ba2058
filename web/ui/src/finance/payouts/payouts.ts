import type { Money } from '../../api/types'
import type { Tone } from '../../design/feedback'

export type PayoutState = 'draft' | 'approved' | 'sent' | 'closed' | 'discarded'
export type LineState = 'draft' | 'sent' | 'confirmed' | 'returned' | 'dropped'
export type Rail = 'bank-file' | 'connect'

export type PayoutLine = {
  id: string
  expert: string
  name: string
  holder: string
  number: string
  owed: number
  recovered: number
  amount: number
  state: LineState
  problem?: string
  said?: string
  first?: boolean
  changed?: boolean
  sets?: { by: string; name: string; at: string }[]
  shared?: string
}

export type Payout = {
  id: string
  rail: Rail
  state: PayoutState
  minimum: Money
  total: Money
  count: number
  open: number
  made_by: string
  made_by_name?: string
  made_at: string
  approved_by_name?: string
  lines?: PayoutLine[]
}

export const stateTone: Record<PayoutState, Tone> = { draft: 'neutral', approved: 'brand', sent: 'held', closed: 'good', discarded: 'neutral' }
export const lineTone: Record<LineState, Tone> = { draft: 'neutral', sent: 'held', confirmed: 'good', returned: 'bad', dropped: 'neutral' }
