/** The kinds of accounts of the chart, in the order in which people look for them. */
export const kinds = [
  'clearing', 'bank', 'transit', 'dispute', 'float', 'receivable', 'programme', 'recovery', 'wallet', 'pass', 'credit', 'payable', 'deferred', 'tax', 'suspense',
  'revenue', 'fees', 'loss', 'difference', 'opening',
] as const
export type Kind = (typeof kinds)[number]
export const isKind = (k: string): k is Kind => (kinds as readonly string[]).includes(k)
