import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Page } from '../../api/types'
import { useAction } from '../../app/action'
import { can, useFormats, useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Chip, ErrorNote, type Tone } from '../../design/feedback'
import { useNews } from '../news'
import type { CaseRefund } from '../types'
import { problemOf, useKinds } from '../kinds'
import { useWhen } from '../when'

const tone: Record<CaseRefund['state'], Tone> = { requested: 'held', done: 'good', refused: 'bad' }

/** What cases were decided to give back and has not arrived. Nothing is drawn where nothing waits. */
export function CaseRefunds() {
  const { t } = useTranslation()
  const http = useHttp()
  const pace = useNews('payments', ['finance', 'refunds'])
  const q = useInfiniteQuery({
    queryKey: ['finance', 'refunds'],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<CaseRefund>>('/v1/finance/refunds', { query: { state: 'open', cursor: pageParam, limit: 20 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: pace,
  })
  const items = q.data?.pages.flatMap((p) => p.items) ?? []
  if (q.isError) return <ErrorNote className="mb-3" error={q.error} onRetry={() => void q.refetch()} />
  if (items.length === 0) return null
  return (
    <section aria-label={t('caseRefunds.title')} className="mb-6">
      <h2 className="mb-2 text-lg font-bold">{t('caseRefunds.title')}</h2>
      <ul data-testid="case-refunds" className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
        {items.map((r) => (
          <Row key={r.case} refund={r} />
        ))}
      </ul>
      {q.hasNextPage && (
        <Button className="mt-3" busy={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
          {t('finance.more')}
        </Button>
      )}
    </section>
  )
}

function Row({ refund: r }: { refund: CaseRefund }) {
  const { t } = useTranslation()
  const f = useFormats()
  const me = useMe()
  const http = useHttp()
  const when = useWhen()
  const say = useKinds()
  const cache = useQueryClient()
  const settle = useAction(useCallback((as: 'again' | 'wallet', key: string) => http.post<undefined>(`/v1/finance/refunds/${r.case}/settle`, { body: { as }, key }).then(() => true), [http, r.case]))
  const go = async (as: 'again' | 'wallet') => {
    await settle.act(as)
    void cache.invalidateQueries({ queryKey: ['finance'] })
  }
  return (
    <li className="flex flex-col gap-1.5 px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <bdi className="min-w-0 truncate font-semibold">{r.rider_name}</bdi>
        <Chip tone={tone[r.state]}>{t(`caseRefunds.${r.state}`)}</Chip>
        <bdi className="figures ms-auto font-semibold">{f.exact(r.amount)}</bdi>
      </div>
      <p className="text-sm text-muted">{t('caseRefunds.by', { name: r.decided_by_name ?? '–', when: when.full(r.decided_at) })}</p>
      {r.state === 'refused' && <p className="text-sm break-words">{r.problem ? t('caseRefunds.said', { what: problemOf(say, r) }) : t('caseRefunds.notAsked')}</p>}
      {settle.error !== null && <ErrorNote error={settle.error} />}
      <div className="flex flex-wrap items-center gap-2">
        {r.payment && (
          <Link href={`/finance/payments/${r.payment}`} className="inline-flex min-h-9 items-center font-semibold text-brand">
            {t('caseRefunds.payment')}
          </Link>
        )}
        {r.state === 'refused' && can(me, 'finance.write') && (
          <span className="ms-auto flex flex-wrap gap-2">
            <Button busy={settle.busy} onClick={() => void go('again')}>
              {t('caseRefunds.again')}
            </Button>
            <Button busy={settle.busy} onClick={() => void go('wallet')}>
              {t('caseRefunds.wallet')}
            </Button>
          </span>
        )}
      </div>
    </li>
  )
}
