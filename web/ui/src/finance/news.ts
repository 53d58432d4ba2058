import { useQueryClient, type QueryKey } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useChannel } from '../app/live'
import { every } from './Page'

type List = 'payments' | 'events' | 'findings' | 'payouts'
const slow = 60_000 // a list that is told of its changes is asked for now and then all the same
const apart = 1_000 // between two times that a busy list is asked for

/** Asks for a list again whenever the server says that it changed, and says how often to ask besides: often while nobody tells. */
export function useNews(list: List, key: QueryKey): number {
  const set = useChannel('finance')
  const cache = useQueryClient()
  const version = set.status === 'loading' ? undefined : (set.entities.get(`finance/${list}`)?.v ?? 0)
  const asked = useRef(0)
  const keyed = JSON.stringify(key)
  useEffect(() => {
    if (version === undefined) return
    const at = setTimeout(
      () => {
        asked.current = Date.now()
        void cache.invalidateQueries({ queryKey: JSON.parse(keyed) as QueryKey })
      },
      Math.max(0, asked.current + apart - Date.now()),
    )
    return () => clearTimeout(at)
  }, [version, keyed, cache])
  return set.stale ? every : slow
}
