export const answers = ['charge', 'refund', 'dispute', 'dispute_won', 'payout', 'fee'] as const
export type Answer = (typeof answers)[number]
/** Kinds of accounts that a correction may touch, as the server has them. */
export const movable: readonly string[] = ['clearing', 'bank', 'transit', 'dispute', 'deferred', 'suspense', 'revenue', 'fees', 'loss', 'difference', 'wallet', 'payable', 'recovery']
export const states = ['draft', 'approved', 'discarded'] as const
export type State = (typeof states)[number]
export type Entry = { account: string; debit: boolean; amount: number }
export type Correction = {
  id: string
  finding: string
  finding_kind: string
  subject: string
  reason: string
  answers?: Answer
  happened?: string
  currency: string
  entries: Entry[]
  state: State
  made_by: string
  made_by_name: string
  made_at: string
  decided_by_name?: string
  decided_at?: string
}
