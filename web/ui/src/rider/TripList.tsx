import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TripDoc, TripOffer } from '../api/types'
import { useFormats, useHttp, useToday } from '../app/context'
import { firstDoc, useChannels } from '../app/live'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { addDays } from '../i18n/format'
import { Button } from '../design/Button'
import { useWish, type Wish } from './SearchPage'
import { TripCard } from './TripCard'

const LIVE_MAX = 40

// Not with the first screen, but there before anybody can press the button.
const holding = () => import('./HoldSheet')
const HoldSheet = lazy(() => holding().then((m) => ({ default: m.HoldSheet })))

/** What the socket says of a trip laid over what the search said: the interval's free seats are the least over its legs. */
export function withLive(o: TripOffer, doc: TripDoc | undefined): TripOffer {
  if (!doc) return o
  const legs = doc.free.slice(o.from.index, o.to.index)
  const rest = { ...o }
  delete rest.delay_s
  return { ...rest, status: doc.status, free: legs.length > 0 ? Math.min(...legs) : o.free, ...(doc.delay_s ? { delay_s: doc.delay_s } : {}) }
}

export function TripList({ wish }: { wish: Wish }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const { today, time } = useToday()
  const [, setWish] = useWish()
  const [chosen, setChosen] = useState<string | null>(null)
  // Frozen with the search: a list must not lose its first row while it is read.
  const after = useMemo(() => (wish.date === today ? time : undefined), [wish.date, wish.from, wish.to]) // eslint-disable-line react-hooks/exhaustive-deps
  const q = useQuery({
    queryKey: ['trips', wish.from, wish.to, wish.date, wish.party, after],
    queryFn: ({ signal }) => http.get<{ items: TripOffer[] }>('/v1/trips', { query: { from: wish.from ?? '', to: wish.to ?? '', date: wish.date, party: wish.party, after, limit: 60 }, signal }),
  })
  const items = q.data?.items
  const channels = useMemo(() => (items ?? []).slice(0, LIVE_MAX).map((o) => `trip:${o.trip}`), [items])
  const live = useChannels(channels)
  useEffect(() => void holding().catch(() => undefined), []) // asked for again when it is needed

  if (q.isError) return <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
  if (!items)
    return (
      <Loading label={t('trips.loading')}>
        <div className="flex flex-col gap-3">
          {[0, 1, 2, 3].map((i) => (
            <Skeleton key={i} className="h-28 rounded-card" />
          ))}
        </div>
      </Loading>
    )
  const offers = items.map((o) => withLive(o, firstDoc<TripDoc>(live.get(`trip:${o.trip}`))))
  const picked = offers.find((o) => o.trip === chosen)

  return (
    <section aria-label={t('trips.title')}>
      <h2 className="mb-3 flex flex-wrap items-baseline gap-x-3 text-lg font-bold">
        {f.longDate(wish.date)}
        <span className="text-sm font-medium text-muted">{t('trips.count', { count: offers.length, n: f.n(offers.length) })}</span>
      </h2>
      {offers.length === 0 ? (
        <div className="rounded-card border border-edge bg-surface">
          <Empty icon="clock" title={t('trips.none')} action={<Button onClick={() => setWish({ date: addDays(wish.date, 1) })}>{t('trips.nextDay')}</Button>}>
            {t('trips.noneHint')}
          </Empty>
        </div>
      ) : (
        <ul className="flex flex-col gap-3">
          {offers.map((o) => (
            <li key={o.trip}>
              <TripCard offer={o} party={wish.party} onHold={() => setChosen(o.trip)} />
            </li>
          ))}
        </ul>
      )}
      <Suspense>{picked && <HoldSheet key={picked.trip} offer={picked} party={wish.party} onClose={() => setChosen(null)} />}</Suspense>
    </section>
  )
}
