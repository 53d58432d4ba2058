import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Page } from '../api/types'
import { useFormats, useHttp } from '../app/context'
import CaseOf from '../cases/CaseOf'
import { Button } from '../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Select } from '../design/Field'
import type { Organisation, Ride, Spend } from './types'

export default function SpendPage({ company }: { company: Organisation }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const [month, setMonth] = useState('')
  const [saving, setSaving] = useState<unknown>(null)
  const q = useQuery({
    queryKey: ['spend', company.id, month],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => http.get<Spend>(`/v1/organisations/${company.id}/spend`, { query: { month: month || undefined }, signal }),
  })
  const rides = useInfiniteQuery({
    queryKey: ['rides', company.id, month],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Ride>>(`/v1/organisations/${company.id}/rides`, { query: { month: month || undefined, cursor: pageParam || undefined, limit: 100 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
  })
  const download = async () => {
    setSaving(null)
    try {
      const file = await http.get<{ name: string; csv: string }>(`/v1/organisations/${company.id}/rides/file`, { query: { month: month || undefined }, timeoutMs: 60_000 })
      const url = URL.createObjectURL(new Blob([file.csv], { type: 'text/csv;charset=utf-8' }))
      const a = document.createElement('a')
      a.href = url
      a.download = file.name
      a.click()
      URL.revokeObjectURL(url)
    } catch (e) {
      setSaving(e)
    }
  }
  if (q.isError && !q.data) return <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
  if (q.isPending)
    return (
      <Loading>
        <Skeleton className="h-64 rounded-card" />
      </Loading>
    )
  const months = [...new Set([q.data.month, ...q.data.months.map((m) => m.month)])].sort().reverse()
  const items = rides.data?.pages.flatMap((p) => p.items) ?? []
  const name = (m: string) => new Intl.DateTimeFormat(f.tag, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${m}T00:00:00Z`))
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="text-2xl font-bold tracking-tight">{t('employer.spend')}</h1>
        <Select label={t('employer.month')} hideLabel className="ms-auto w-48" value={month || q.data.month} onChange={(e) => setMonth(e.target.value)}>
          {months.map((m) => (
            <option key={m} value={m}>
              {name(m)}
            </option>
          ))}
        </Select>
        <Button onClick={() => void download()} disabled={items.length === 0}>
          {t('employer.download')}
        </Button>
      </div>
      {saving !== null && <ErrorNote error={saving} />}
      <section aria-labelledby="centres">
        <h2 id="centres" className="mb-3 text-xl font-bold">
          {t('employer.byCentre')}
        </h2>
        {q.data.centres.length === 0 ? (
          <Empty icon="cash" title={t('employer.noSpend')} />
        ) : (
          <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
            {q.data.centres.map((c) => (
              <li key={c.programme + (c.cost_centre ?? '')} className="flex flex-wrap items-baseline gap-x-4 px-4 py-3">
                <bdi className="min-w-32 flex-1 font-semibold">{c.cost_centre || t('employer.noCentre')}</bdi>
                <span className="figures text-sm text-muted">{t('employer.ridesOf', { count: c.rides, n: f.n(c.rides) })}</span>
                <bdi className="figures font-semibold">{f.exact(c.subsidy)}</bdi>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section aria-labelledby="rides">
        <h2 id="rides" className="mb-3 text-xl font-bold">
          {t('employer.rides')}
        </h2>
        {rides.isError ? (
          <ErrorNote error={rides.error} onRetry={() => void rides.refetch()} />
        ) : rides.isPending ? (
          <Loading>
            <Skeleton className="h-40 rounded-card" />
          </Loading>
        ) : items.length === 0 ? (
          <Empty icon="ticket" title={t('employer.noRides')} />
        ) : (
          <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
            {items.map((r) => (
              <li key={r.booking} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3">
                <div className="min-w-56 flex-1">
                  <p className="font-semibold">
                    <bdi>{r.member}</bdi>
                  </p>
                  <p className="text-sm text-muted">
                    {f.dayMonth(r.date)} · <bdi>{r.line}</bdi> · <bdi>{r.from}</bdi> – <bdi>{r.to}</bdi>
                  </p>
                </div>
                {r.cost_centre && <bdi className="figures text-sm text-muted">{r.cost_centre}</bdi>}
                <Chip tone={r.state === 'no_show' ? 'held' : r.state === 'used' ? 'good' : 'neutral'}>{t(`employer.state.${r.state}`)}</Chip>
                <span className="figures text-end">
                  <bdi className="font-semibold">{f.exact(r.subsidy)}</bdi>
                  <span className="block text-sm text-muted">{t('employer.ofFare', { fare: f.exact(r.fare) })}</span>
                </span>
                {r.state !== 'reserved' && (
                  <div className="flex w-full flex-col items-start">
                    <CaseOf small subject={`booking/${r.booking}`} about={`${r.member}, ${f.dayMonth(r.date)}`} />
                  </div>
                )}
              </li>
            ))}
          </ul>
        )}
        {rides.hasNextPage && (
          <Button className="mt-3" busy={rides.isFetchingNextPage} onClick={() => void rides.fetchNextPage()}>
            {t('admin.more')}
          </Button>
        )}
      </section>
    </div>
  )
}
