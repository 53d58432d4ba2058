import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useFormats, useHttp } from '../app/context'
import { Button } from '../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Icon } from '../design/icons'
import { modalityIcon, type EarnedItem, type EarnedSpan, type Earnings } from './types'

/** What today and this week brought, and each conversation with the expert's part of it. */
export function EarningsPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const q = useInfiniteQuery({
    queryKey: ['earnings'],
    queryFn: ({ signal, pageParam }) => http.get<Earnings>('/v1/me/practice/earnings', { query: { cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    refetchInterval: 30_000,
  })
  const first = q.data?.pages[0]
  const items = q.data?.pages.flatMap((p) => p.items) ?? []
  return (
    <>
      <h1 className="sr-only">{t('practice.earnings')}</h1>
      {q.isError && <ErrorNote error={q.error} onRetry={() => void q.refetch()} />}
      {q.isPending && (
        <Loading>
          <Skeleton className="h-64 rounded-card" />
        </Loading>
      )}
      {first && (
        <div className="grid grid-cols-2 gap-3">
          <Span label={t('practice.today')} span={first.today} />
          <Span label={t('practice.week')} span={first.week} />
        </div>
      )}
      {first && items.length === 0 && <Empty icon="wallet" title={t('practice.noSessions')}>{t('practice.noSessionsHint')}</Empty>}
      {items.length > 0 && (
        <ul aria-label={t('practice.sessions')} className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {items.map((i) => (
            <Row key={i.id} item={i} />
          ))}
        </ul>
      )}
      {q.hasNextPage && (
        <Button busy={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
          {t('practice.more')}
        </Button>
      )}
    </>
  )
}

function Span({ label, span }: { label: string; span: EarnedSpan }) {
  const { t } = useTranslation()
  const f = useFormats()
  return (
    <section className="rounded-card border border-edge bg-surface p-4">
      <h2 className="text-sm font-semibold text-muted">{label}</h2>
      <p className="figures mt-1 text-2xl font-bold tracking-tight">
        <bdi>{f.exact(span.part)}</bdi>
      </p>
      <p className="mt-1 text-sm text-muted">{t('practice.spanOf', { n: f.n(span.sessions), time: f.minutes(span.talked_s) })}</p>
    </section>
  )
}

function Row({ item: i }: { item: EarnedItem }) {
  const { t } = useTranslation()
  const f = useFormats()
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <span className="grid size-9 shrink-0 place-items-center rounded-full bg-sunken text-muted">
        <Icon name={modalityIcon[i.modality]} size={18} />
      </span>
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{f.moment(i.ended_at)}</p>
        <p className="figures text-sm text-muted">
          {i.charged_s > 0 ? t(i.beside ? 'practice.itemBeside' : 'practice.itemOf', { time: f.countdown(i.charged_s * 1000), cost: f.exact(i.cost) }) : t('practice.neverMet')}
        </p>
      </div>
      {i.charged_s > 0 && (i.part ? <bdi className="figures font-bold">{f.exact(i.part)}</bdi> : <Chip tone="held">{t('practice.settling')}</Chip>)}
    </li>
  )
}
