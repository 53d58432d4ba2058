import { useMemo } from 'react'
import { useChannel } from '../app/live'
import type { MessageDoc, SessionDoc } from './types'

/** A session as its participants see it now, and what was written in it, in order. */
export function useSession(id: string) {
  const set = useChannel(`session:${id}`)
  return useMemo(() => {
    const doc = set.entities.get(`session/${id}`)?.d as SessionDoc | undefined
    const messages: MessageDoc[] = []
    for (const [name, held] of set.entities) if (name.startsWith('message/')) messages.push(held.d as MessageDoc)
    messages.sort((a, b) => a.n - b.n)
    return { doc, messages, status: set.status, stale: set.stale, error: set.error }
  }, [set, id])
}
