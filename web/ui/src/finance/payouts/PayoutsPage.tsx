import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Route, Switch } from 'wouter'
import type { Page } from '../../api/types'
import { can, useFormats, useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../../design/feedback'
import { Icon } from '../../design/icons'
import { NewPayout } from './NewPayout'
import { PayoutRun } from './PayoutRun'
import { stateTone, type Payout } from './payouts'
import { useNews } from '../news'

export default function PayoutsPage() {
  return (
    <Switch>
      <Route path="/finance/payouts/:id">{({ id }) => <PayoutRun key={id} id={id} />}</Route>
      <Route>{() => <List />}</Route>
    </Switch>
  )
}

function List() {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const me = useMe()
  const pace = useNews('payouts', ['payouts'])
  const [making, setMaking] = useState(false)
  const q = useInfiniteQuery({
    queryKey: ['payouts'],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Payout>>('/v1/payouts', { query: { cursor: pageParam || undefined, limit: 30 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: pace,
  })
  const items = q.data?.pages.flatMap((p) => p.items) ?? []
  return (
    <section aria-label={t('payouts.title')}>
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <h1 className="text-2xl font-bold tracking-tight">{t('payouts.title')}</h1>
        {can(me, 'payout.make') && (
          <Button kind="primary" icon="plus" className="ms-auto" onClick={() => setMaking(true)}>
            {t('payouts.make')}
          </Button>
        )}
      </div>
      {q.isError && <ErrorNote error={q.error} onRetry={() => void q.refetch()} className="mb-3" />}
      {q.isPending ? (
        <Loading>
          <Skeleton className="h-64 rounded-card" />
        </Loading>
      ) : items.length === 0 && !q.isError ? (
        <Empty icon="cash" title={t('payouts.none')}>
          {t('payouts.noneHint')}
        </Empty>
      ) : (
        <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {items.map((p) => (
            <li key={p.id}>
              <Link href={`/finance/payouts/${p.id}`} className="flex min-h-16 items-center gap-3 px-4 py-3 hover:bg-sunken">
                <span className="min-w-0 flex-1">
                  <span className="block font-semibold">
                    {t(`payouts.rail.${p.rail}`)} · {f.dayMonth(p.made_at.slice(0, 10))}
                  </span>
                  <span className="block text-sm text-muted">{t('payouts.people', { count: p.count, n: f.n(p.count) })}</span>
                </span>
                <span className="flex flex-col items-end gap-1 sm:flex-row sm:items-center sm:gap-3">
                  <span className="figures font-semibold">{f.exact(p.total)}</span>
                  <Chip tone={stateTone[p.state]}>{t(`payouts.state.${p.state}`)}</Chip>
                </span>
                <Icon name="next" size={18} className="text-muted" />
              </Link>
            </li>
          ))}
        </ul>
      )}
      {q.hasNextPage && (
        <Button className="mt-3" busy={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
          {t('payouts.more')}
        </Button>
      )}
      {making && <NewPayout onClose={() => setMaking(false)} />}
    </section>
  )
}
