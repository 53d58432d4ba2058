import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { Http } from '../api/http'
import { isProblem } from '../api/problem'
import { useAction } from '../app/action'
import { useHttp, useMe } from '../app/context'
import { minorOf } from '../app/minor'
import type { Draft } from './draft'
import type { Funds, Queue, Request } from './types'

type Ask = { queue: string; needs: Draft['needs']; languages: string[]; modality: Draft['modality'] }
type Aside = { ceiling: number; minutes: number; pay: 'wallet' | 'card'; method?: string; keep?: boolean }
/** A place in the queue; or money of a card whose owner has something to do first. */
export type Placed = { funds: Funds; request?: Request }

/** Sets the money aside and takes a place with it: one wish under one key, so that pressing again after «no answer» is the same place and the same money. */
export function usePlace() {
  const http = useHttp()
  const cache = useQueryClient()
  const { currency } = useMe().tenant
  const both = useAction(
    useCallback(
      async ({ aside, ask }: { aside: Aside; ask: Ask }, key: string): Promise<Placed> => {
        const funds = await http.post<Funds>('/v1/requests/funds', { body: aside, key: `${key}-f` })
        if (funds.payment && funds.payment.status !== 'authorised') return { funds }
        return { funds, request: await take(http, ask, funds.funds, `${key}-r`) }
      },
      [http],
    ),
    'ask',
  )
  const after = useAction(useCallback(({ ask, funds }: { ask: Ask; funds: string }, key: string) => take(http, ask, funds, key), [http]), 'ask with')
  const back = useCallback((funds: string) => http.post(`/v1/requests/funds/${funds}/give-back`).catch(() => undefined), [http]) // or it comes back by itself
  const [start, finish] = [both.act, after.act]
  const submit = useCallback(
    async (d: Draft, queue: Queue): Promise<Placed | undefined> => {
      const ceiling = minorOf(d.ceiling, currency)
      if (ceiling === undefined) return undefined
      const placed = await start({ aside: { ceiling, minutes: d.minutes, pay: d.pay, ...(d.pay === 'card' ? d.card : {}) }, ask: askOf(d, queue) })
      if (placed) void cache.invalidateQueries({ queryKey: ['wallet'] })
      return placed
    },
    [start, currency, cache],
  )
  const go = useCallback((d: Draft, queue: Queue, funds: string) => finish({ ask: askOf(d, queue), funds }), [finish])
  const error = both.error ?? after.error
  const clear = useCallback(() => {
    both.clear()
    after.clear()
    // eslint-disable-next-line react-hooks/exhaustive-deps -- these two never change
  }, [both.clear, after.clear])
  return { submit, go, back, clear, busy: both.busy || after.busy, error, code: isProblem(error) ? error.code : undefined }
}
export type Placing = ReturnType<typeof usePlace>

/** Takes the place. Money that is refused one goes back at once. */
async function take(http: Http, ask: Ask, funds: string, key: string): Promise<Request> {
  try {
    return await http.post<Request>('/v1/requests', { body: { ...ask, funds }, key })
  } catch (e) {
    if (isProblem(e) && !e.passing && !e.unsure) await http.post(`/v1/requests/funds/${funds}/give-back`).catch(() => undefined)
    throw e
  }
}

function askOf(d: Draft, queue: Queue): Ask {
  const own = new Set((queue.needs ?? []).map((n) => n.skill))
  const modality = queue.modalities?.includes(d.modality) ? d.modality : (queue.modalities?.[0] ?? d.modality)
  return { queue: queue.id, needs: d.needs.filter((n) => !own.has(n.skill)), languages: d.languages, modality }
}
