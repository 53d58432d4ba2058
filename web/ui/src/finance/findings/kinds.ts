/** Kinds of findings that have words in each language; another part's own kinds carry their code. */
export const kinds = [
  'movement_without_journal',
  'journal_without_movement',
  'amount_differs',
  'movement_unknown',
  'payout_unknown',
  'events_missed',
  'payment_stuck',
  'payment_contradiction',
  'refund_returned',
  'refund_refused',
  'pass_ended',
  'session_short',
  'ledger_difference',
] as const
export type Known = (typeof kinds)[number]
export const isKnown = (k: string): k is Known => (kinds as readonly string[]).includes(k)
