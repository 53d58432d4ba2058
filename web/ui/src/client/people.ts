import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { Page } from '../api/types'
import { useAction } from '../app/action'
import { useHttp } from '../app/context'

/** Names are empty of experts whose names the tenant does not show. */
export type Favourite = { expert: string; name: string; there: boolean; at: string }
export type BlockedPerson = { user: string; name: string; at: string }
/** Whom one marked: somebody to talk to again, or never to meet. */
export type Mark = 'favourites' | 'blocks'
export type Marked = { id: string; name: string; at: string; there?: boolean }

export const markOf = (x: Favourite | BlockedPerson): Marked => ('expert' in x ? { id: x.expert, name: x.name, at: x.at, there: x.there } : { id: x.user, name: x.name, at: x.at })

export const without = <T extends Favourite | BlockedPerson>(page: Page<T> | undefined, id: string): Page<T> | undefined => page && { ...page, items: page.items.filter((x) => markOf(x).id !== id) }

/** Takes a mark back. The row goes with the answer: it does not wait for the list to be read again. */
export function useUnmark(mark: Mark) {
  const http = useHttp()
  const cache = useQueryClient()
  return useAction(
    useCallback(
      async (id: string) => {
        await http.post(`/v1/me/${mark}/${id}/remove`)
        await cache.cancelQueries({ queryKey: [mark] }) // what was asked before would bring the row back
        cache.setQueryData<Page<Favourite | BlockedPerson>>([mark], (page) => without(page, id))
        void cache.invalidateQueries({ queryKey: [mark] })
        return true
      },
      [http, cache, mark],
    ),
  )
}
