import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { Money } from '../../api/types'
import { useAction } from '../../app/action'
import { useHttp } from '../../app/context'
import type { Tone } from '../../design/feedback'

export type Credit = { organisation: string; name: string; amount: Money; leaving: number }
export type Move = { id: string; invoice: string; number: string; amount: Money; how: 'surplus' | 'applied' | 'undone' | 'restored'; by: string; at: string; undone?: boolean }
export type RefundState = 'draft' | 'approved' | 'paid' | 'returned' | 'discarded'
export type Refund = {
  id: string
  organisation: string
  name: string
  amount: Money
  holder: string
  number: string
  reason: string
  state: RefundState
  reference?: string
  problem?: string
  made_by: string
  made_by_name: string
  made_at: string
  approved_by_name?: string
}
export type Credits = { items: Credit[]; moves?: Move[]; refunds: Refund[] }

export const tone: Record<RefundState, Tone> = { draft: 'neutral', approved: 'held', paid: 'good', returned: 'bad', discarded: 'neutral' }

/** Does something with an organisation's credit, once; whatever is shown of it and of invoices is then asked for again. */
export function useCredit<B>(path: string) {
  const http = useHttp()
  const cache = useQueryClient()
  return useAction(
    useCallback(
      async (body: B | null, key: string) => {
        await http.post<unknown>(path, body === null ? { key } : { body, key })
        for (const k of ['credits', 'invoices', 'receivables']) void cache.invalidateQueries({ queryKey: [k] })
        return true
      },
      [http, path, cache],
    ),
  )
}
