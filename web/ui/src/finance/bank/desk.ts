import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useAction } from '../../app/action'
import { useHttp } from '../../app/context'

type Act = 'match' | 'payout' | 'aside' | 'back' | 'unmatch'

/** Does something with a line, once; whatever is shown of it and of invoices is then asked for again. */
export function useDesk<B>(line: string, act: Act) {
  const http = useHttp()
  const cache = useQueryClient()
  return useAction(
    useCallback(
      async (body: B, key: string) => {
        await http.post<void>(`/v1/bank/lines/${line}/${act}`, act === 'back' ? { key } : { body, key })
        for (const k of ['bank', 'invoices', 'receivables', 'credits']) void cache.invalidateQueries({ queryKey: [k] })
        return true
      },
      [http, line, act, cache],
    ),
  )
}
