import type { Money } from '../../api/types'

export type PassTerms = { rides?: number; days: number; per_day?: number; price: Money; lines: string[]; stops: string[]; refund_days: number }
export type PassProduct = PassTerms & { id: string; name: string; on_sale: boolean }
export type PassState = 'open' | 'active' | 'used_up' | 'expired' | 'refunded' | 'abandoned'
export type PassUse = { booking: string; date: string; time: string; line: string; from: string; to: string; rides: number; returned: boolean; state: string }
export type Pass = PassTerms & { id: string; name: string; state: PassState; paid_with: 'wallet' | 'card'; used: number; left?: number; first?: string; last?: string; refundable: boolean; uses?: PassUse[] }
export type PassBought = { pass: string; payment?: string }
