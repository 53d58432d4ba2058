import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Page } from '../../api/types'
import { useAction } from '../../app/action'
import { can, useFormats, useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Chip, ErrorNote } from '../../design/feedback'
import { Select } from '../../design/Field'
import { useNews } from '../news'
import { ListPage } from '../Page'
import { eventTone } from '../payments/Timeline'
import type { EventState, GatewayEvent } from '../types'
import { problemOf, useKinds } from '../kinds'
import { useWhen } from '../when'

const states: readonly EventState[] = ['dead', 'waiting', 'done', 'ignored']

export default function EventsPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const pace = useNews('events', ['finance', 'events'])
  const [state, setState] = useState('')
  const q = useInfiniteQuery({
    queryKey: ['finance', 'events', state],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<GatewayEvent>>('/v1/finance/events', { query: { state, cursor: pageParam, limit: 50 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: pace,
  })
  return (
    <ListPage
      title={t('finance.events')}
      label={t('finance.events')}
      query={q} each={pace}
      icon="near"
      none={t('finance.noEvents')}
      filters={
        <Select label={t('finance.state')} value={state} onChange={(e) => setState(e.target.value)} hideLabel>
          <option value="">{t('finance.everyState')}</option>
          {states.map((s) => (
            <option key={s} value={s}>
              {t(`finance.eventState.${s}`)}
            </option>
          ))}
        </Select>
      }
    >
      {(items) => (
        <ul data-testid="events" className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {items.map((e) => (
            <Row key={e.id} event={e} />
          ))}
        </ul>
      )}
    </ListPage>
  )
}

function Row({ event: e }: { event: GatewayEvent }) {
  const { t } = useTranslation()
  const f = useFormats()
  const when = useWhen()
  const say = useKinds()
  const http = useHttp()
  const me = useMe()
  const cache = useQueryClient()
  const replay = useAction(useCallback((_: { replays: number }, key: string) => http.post<GatewayEvent>(`/v1/finance/events/${e.id}/replay`, { key }), [http, e.id]))
  return (
    <li className="px-4 py-2.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span className="figures w-28 text-sm text-muted">
          <bdi>{when.short(e.received_at)}</bdi>
        </span>
        <span className="min-w-0 flex-1 basis-56">
          <span className="block font-semibold">{say('event', e.kind)}</span>
          <code dir="ltr" className="block text-sm break-all text-muted">
            {e.object_id}
          </code>
        </span>
        <Chip tone={eventTone[e.state]}>{t(`finance.eventState.${e.state}`)}</Chip>
        {e.tries > 1 && <span className="figures text-sm text-muted">{t('finance.tries', { n: f.n(e.tries) })}</span>}
        {can(me, 'finance.write') && e.state !== 'waiting' && (
          <Button data-row size="sm" className="min-h-9" busy={replay.busy} kind={e.state === 'dead' ? 'primary' : 'quiet'} onClick={() => void replay.act({ replays: e.replays }).then((r) => r && cache.invalidateQueries({ queryKey: ['finance', 'events'] }))}>
            {t('finance.replay')}
            <span className="sr-only">{e.object_id}</span>
          </Button>
        )}
      </div>
      {e.problem && <p className="mt-1 text-sm text-bad">{problemOf(say, e)}</p>}
      {replay.error !== null && <ErrorNote className="mt-2" error={replay.error} />}
    </li>
  )
}
