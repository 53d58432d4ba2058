import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useFormats, useHttp, useToday } from '../../app/context'
import { Button } from '../../design/Button'
import { Empty, ErrorNote, Loading, Skeleton } from '../../design/feedback'
import { Icon } from '../../design/icons'
import { addDays } from '../../i18n/format'
import { reasonOf, useKinds } from '../kinds'
import { every, Fresh } from '../Page'
import { SubjectRef } from '../SubjectRef'
import type { Statement, StatementLine } from '../types'
import { useWhen } from '../when'
import { isKind } from './kinds'

/** What was posted to an account between two days, with what was in it after each line. */
export function StatementPage({ code, currency }: { code: string; currency: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const { today } = useToday()
  const [from, setFrom] = useState(() => addDays(today, -30))
  const [to, setTo] = useState(today)
  const kind = code.split(':')[0] ?? ''
  const q = useInfiniteQuery({
    queryKey: ['finance', 'statement', code, currency, from, to],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      http.get<Statement>('/v1/finance/statement', {
        query: { account: code, currency, from_day: from, to_day: to, cursor: pageParam, limit: 100 },
        signal,
      }),
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: 4 * every,
  })
  const m = (amount: number) => f.exact({ amount, currency })
  const lines = q.data?.pages.flatMap((p) => p.items) ?? []
  const opening = q.data?.pages[0]?.opening ?? 0
  const closing = lines.at(-1)?.balance ?? opening
  const look = 'min-h-9 rounded-control border border-control bg-raised px-2.5 text-sm'
  return (
    <section aria-label={t('finance.statement')}>
      <Link href="/finance/accounts" className="mb-3 inline-flex min-h-9 items-center gap-1.5 font-semibold text-brand">
        <Icon name="back" size={18} />
        {t('finance.accounts')}
      </Link>
      <div className="mb-3 flex flex-wrap items-end gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h1 className="text-2xl font-bold tracking-tight">{isKind(kind) ? t(`book.${kind}`) : kind}</h1>
          {q.data?.pages[0]?.owner && <bdi className="block font-semibold break-words">{q.data.pages[0].owner}</bdi>}
          <code dir="ltr" className="text-sm break-all text-muted">
            {code} {currency}
          </code>
        </div>
        <Fresh at={q.dataUpdatedAt} failing={q.isError} each={4 * every} />
        <div className="ms-auto flex flex-wrap items-end gap-2">
          <label className="flex flex-col gap-1 text-sm font-semibold">
            {t('finance.from')}
            <input type="date" className={look} value={from} max={to} onChange={(e) => setFrom(e.target.value)} />
          </label>
          <label className="flex flex-col gap-1 text-sm font-semibold">
            {t('finance.to')}
            <input type="date" className={look} value={to} min={from} onChange={(e) => setTo(e.target.value)} />
          </label>
        </div>
      </div>
      {q.isError && <ErrorNote className="mb-3" error={q.error} onRetry={() => void q.refetch()} />}
      {q.isPending && !q.isError ? (
        <Loading>
          <Skeleton className="h-64 rounded-card" />
        </Loading>
      ) : lines.length === 0 ? (
        !q.isError && <Empty icon="list" title={t('finance.noLines')}>{t('finance.balanceThen', { amount: m(opening) })}</Empty>
      ) : (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard
        <div className="overflow-x-auto rounded-card border border-edge bg-surface" tabIndex={0} role="region" aria-label={t('finance.statement')}>
          <table data-testid="statement" className="w-full text-sm sm:min-w-[40rem]">
            <thead>
              <tr className="border-b border-edge text-muted">
                {(['at', 'what', 'debit', 'credit', 'balance'] as const).map((c, i) => (
                  <th key={c} scope="col" className={`px-3 py-2 font-semibold sm:px-4 ${i < 2 ? 'text-start' : 'text-end'} ${i === 0 || i > 1 && i < 4 ? 'max-sm:hidden' : ''}`}>
                    {t(`finance.${c}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              <Total label={t('finance.opening')} value={m(opening)} />
              {lines.map((l) => (
                <Line key={l.journal + l.at + String(l.balance)} line={l} money={m} />
              ))}
              {!q.hasNextPage && <Total label={t('finance.closing')} value={m(closing)} />}
            </tbody>
          </table>
        </div>
      )}
      {q.hasNextPage && (
        <Button className="mt-3" busy={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
          {t('finance.more')}
        </Button>
      )}
    </section>
  )
}

function Total({ label, value }: { label: string; value: string }) {
  return (
    <tr className="border-b border-edge bg-sunken font-semibold last:border-b-0">
      <td className="px-3 py-2 sm:hidden">{label}</td>
      <td className="px-4 py-2 max-sm:hidden" colSpan={4}>
        {label}
      </td>
      <td className="figures px-3 py-2 text-end whitespace-nowrap sm:px-4">
        <bdi>{value}</bdi>
      </td>
    </tr>
  )
}

function Line({ line: l, money }: { line: StatementLine; money: (n: number) => string }) {
  const when = useWhen()
  const { t, i18n } = useTranslation()
  const say = useKinds()
  return (
    <tr className="border-b border-edge">
      <td className="figures px-4 py-2 whitespace-nowrap text-muted max-sm:hidden">
        <bdi>{when.full(l.at)}</bdi>
      </td>
      <td className="px-3 py-2 sm:px-4">
        <bdi className="figures block text-muted sm:hidden">{when.short(l.at)}</bdi>
        {say('journal', l.kind)}
        {l.subject && <SubjectRef subject={l.subject} className="block" />}
        {l.reason && <span className="block break-words text-muted">{reasonOf(say, (k) => i18n.exists(k), l.reason)}</span>}
      </td>
      {[l.debit, l.credit].map((n, i) => (
        <td key={i} className="figures px-4 py-2 text-end whitespace-nowrap max-sm:hidden">
          {n !== 0 && <bdi>{money(n)}</bdi>}
        </td>
      ))}
      <td className="figures px-3 py-2 text-end align-top font-semibold whitespace-nowrap sm:px-4">
        {[l.debit, l.credit].map((n, i) => n !== 0 && (
          <span key={i} className="block font-normal sm:hidden">
            <span className="text-muted">{t(i === 0 ? 'finance.debit' : 'finance.credit')}</span> <bdi>{money(n)}</bdi>
          </span>
        ))}
        <bdi>{money(l.balance)}</bdi>
      </td>
    </tr>
  )
}
