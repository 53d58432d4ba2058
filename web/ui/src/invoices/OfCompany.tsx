import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Money, Page } from '../api/types'
import { useFormats, useHttp } from '../app/context'
import CaseOf from '../cases/CaseOf'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Document, State, useMonth } from './Document'
import type { Invoice, Line } from './types'

/** What one organisation is billed: the running month as it stands, then what was finalised. */
export default function OfCompany({ company }: { company: { id: string } }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const month = useMonth()
  const [chosen, setChosen] = useState('')
  const preview = useQuery({
    queryKey: ['invoices', 'preview', company.id],
    refetchInterval: 15_000,
    queryFn: ({ signal }) => http.get<Invoice>(`/v1/organisations/${company.id}/invoices/preview`, { signal }),
  })
  const list = useInfiniteQuery({
    queryKey: ['invoices', 'of', company.id],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Invoice>>(`/v1/organisations/${company.id}/invoices`, { query: { cursor: pageParam || undefined, limit: 24 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
  })
  const one = useQuery({
    queryKey: ['invoices', 'one', chosen],
    enabled: chosen !== '',
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => http.get<Invoice>(`/v1/invoices/${chosen}`, { signal }),
  })
  const credits = useQuery({ queryKey: ['credits', company.id], queryFn: ({ signal }) => http.get<{ items: { amount: Money }[] }>(`/v1/organisations/${company.id}/credits`, { signal }) })
  const items = list.data?.pages.flatMap((p) => p.items) ?? []
  const row = 'flex w-full min-h-11 flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 text-start hover:bg-sunken'
  const shown = chosen === '' ? preview : one
  return (
    <div className="flex flex-col gap-6">
      <h1 className="text-2xl font-bold tracking-tight">{t('invoices.title')}</h1>
      {list.isError && <ErrorNote error={list.error} onRetry={() => void list.refetch()} />}
      {credits.data?.items.map((c) => (
        <p key={c.amount.currency} className="font-semibold" data-testid="credit">
          {t('invoices.credit')} <bdi className="figures">{f.exact(c.amount)}</bdi>
        </p>
      ))}
      <ul aria-label={t('invoices.title')} className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
        <li>
          <button type="button" aria-pressed={chosen === ''} className={cx(row, chosen === '' && 'font-semibold text-brand')} onClick={() => setChosen('')}>
            <span className="flex-1">{preview.data ? t('invoices.running', { month: month(preview.data.month) }) : t('invoices.preview')}</span>
            {preview.data && <span className="figures ms-auto min-w-28 text-end">{f.exact(preview.data.gross)}</span>}
          </button>
        </li>
        {items.map((i) => (
          <li key={i.id}>
            <button type="button" aria-pressed={chosen === i.id} className={cx(row, chosen === i.id && 'font-semibold text-brand')} onClick={() => setChosen(i.id ?? '')}>
              <bdi className="figures">{i.number}</bdi>
              <span className="flex-1 text-sm text-muted">{month(i.month)}</span>
              <State invoice={i} />
              <span className="figures ms-auto min-w-28 text-end font-semibold">{f.exact(i.gross)}</span>
            </button>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('invoices.more')}
        </Button>
      )}
      {shown.isError && !shown.data ? (
        <ErrorNote error={shown.error} onRetry={() => void shown.refetch()} />
      ) : shown.isPending ? (
        <Loading>
          <Skeleton className="h-64 rounded-card" />
        </Loading>
      ) : shown.data ? (
        <Document invoice={shown.data} {...(shown.data.id && shown.data.kind === 'invoice' ? { ofLine: (l: Line) => <CaseOf small subject={`invoice/${shown.data.id}/${l.n}`} about={`${shown.data.number}, ${l.person || l.text}`} /> } : {})} />
      ) : (
        <Empty icon="list" title={t('invoices.noLines')} />
      )}
    </div>
  )
}
