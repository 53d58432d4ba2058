import type { Invoice } from '../../invoices/types'

export const buckets = ['not_due', 'to_30', 'to_60', 'to_90', 'older'] as const
type Sums = Record<(typeof buckets)[number] | 'total', number> & { currency: string }
export type Aged = Sums & { organisation: string; name: string; credit: number; invoice_count: number; invoices: Invoice[] }
export type Receivables = { today: string; items: Aged[] }

/** What all owe, in each currency: sums of different ones mean nothing. */
export function totals(items: readonly Sums[]): Sums[] {
  const by = new Map<string, Sums>()
  for (const x of items) {
    const sum = by.get(x.currency) ?? { currency: x.currency, not_due: 0, to_30: 0, to_60: 0, to_90: 0, older: 0, total: 0 }
    for (const b of [...buckets, 'total'] as const) sum[b] += x[b]
    by.set(x.currency, sum)
  }
  return [...by.values()]
}
