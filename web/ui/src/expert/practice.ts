import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { TalkDoc } from '@waymeet/sdk'
import { useCallback, useMemo } from 'react'
import { isProblem } from '../api/problem'
import { useAction } from '../app/action'
import { useHttp, useMe } from '../app/context'
import { useChannel } from '../app/live'
import type { Intent, Practice, SessionItem, Skill } from './types'

/** One's own practice; null where nobody has applied yet. */
export function usePractice() {
  const http = useHttp()
  return useQuery({
    queryKey: ['practice'],
    queryFn: async ({ signal }) => {
      try {
        return await http.get<Practice>('/v1/me/practice', { signal })
      } catch (e) {
        if (isProblem(e) && e.code === 'expert_not_found') return null
        throw e
      }
    },
    refetchInterval: 20_000,
  })
}

export function useSkills() {
  const http = useHttp()
  const q = useQuery({ queryKey: ['skills'], queryFn: ({ signal }) => http.get<{ items: Skill[] }>('/v1/skills', { signal }), staleTime: 300_000 })
  const names = useMemo(() => new Map((q.data?.items ?? []).map((k) => [k.id, k.name])), [q.data])
  return { ...q, names }
}

export function useIntend() {
  const http = useHttp()
  const cache = useQueryClient()
  return useAction(
    useCallback(
      async (intent: Intent, key: string) => {
        const now = await http.post<Practice>('/v1/me/practice/intent', { body: { intent }, key })
        cache.setQueryData(['practice'], now)
        return now
      },
      [http, cache],
    ),
  )
}

const going = new Set(['connecting', 'live', 'reconnecting', 'interrupted', 'wrap_up'])

/** Conversations in which one is the expert, or beside them, and that are not over: whoever reloads finds the way back. */
export function useGoing(): Pick<SessionItem, 'id' | 'state'>[] {
  const http = useHttp()
  const me = useMe()
  const q = useQuery({ queryKey: ['going'], queryFn: ({ signal }) => http.get<{ items: SessionItem[] }>('/v1/sessions', { query: { limit: 20 }, signal }), refetchInterval: 10_000 })
  const { entities } = useChannel('me')
  const beside = [...entities].flatMap(([e, held]) => {
    const d = held.d as unknown as TalkDoc
    return e.startsWith('session/') && d.expert !== me.id && d.client !== me.id ? [{ id: e.slice('session/'.length), state: d.state }] : []
  })
  return [...(q.data?.items ?? []).filter((s) => s.expert === me.id && going.has(s.state)), ...beside]
}
