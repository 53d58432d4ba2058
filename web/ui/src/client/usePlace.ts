import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { isProblem } from '../api/problem'
import { useAction } from '../app/action'
import { useHttp, useMe } from '../app/context'
import { minorOf } from '../app/minor'
import type { Draft } from './draft'
import type { Funds, Queue, Request } from './types'

type Wish = { queue: string; needs: Draft['needs']; languages: string[]; modality: Draft['modality']; ceiling: number; minutes: number }

/** Sets the money aside and takes a place with it: one wish under one key, so that pressing again after «no answer» is the same place and the same money. */
export function usePlace() {
  const http = useHttp()
  const cache = useQueryClient()
  const { currency } = useMe().tenant
  const action = useAction(
    useCallback(
      async ({ ceiling, minutes, ...ask }: Wish, key: string) => {
        const { funds } = await http.post<Funds>('/v1/requests/funds', { body: { ceiling, minutes }, key: `${key}-f` })
        const request = await http.post<Request>('/v1/requests', { body: { ...ask, funds }, key: `${key}-r` })
        void cache.invalidateQueries({ queryKey: ['wallet'] })
        return request
      },
      [http, cache],
    ),
    'ask',
  )
  const { act } = action
  const submit = useCallback(
    async (d: Draft, queue: Queue) => {
      const ceiling = minorOf(d.ceiling, currency)
      if (ceiling === undefined) return undefined
      const own = new Set((queue.needs ?? []).map((n) => n.skill))
      const modality = queue.modalities?.includes(d.modality) ? d.modality : (queue.modalities?.[0] ?? d.modality)
      return act({ queue: queue.id, needs: d.needs.filter((n) => !own.has(n.skill)), languages: d.languages, modality, ceiling, minutes: d.minutes })
    },
    [act, currency],
  )
  const code = isProblem(action.error) ? action.error.code : undefined
  return { submit, busy: action.busy, error: action.error, clear: action.clear, code }
}
export type Placing = ReturnType<typeof usePlace>
