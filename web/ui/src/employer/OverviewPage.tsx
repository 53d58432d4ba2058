import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useFormats, useHttp } from '../app/context'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { BudgetAlerts } from './BudgetAlerts'
import { BudgetCard } from './BudgetCard'
import type { Organisation, Spend } from './types'

export default function OverviewPage({ company }: { company: Organisation }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const q = useQuery({ queryKey: ['spend', company.id, ''], queryFn: ({ signal }) => http.get<Spend>(`/v1/organisations/${company.id}/spend`, { signal }), refetchInterval: 60_000 })
  if (q.isError && !q.data) return <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
  if (q.isPending)
    return (
      <Loading>
        <Skeleton className="h-64 rounded-card" />
      </Loading>
    )
  const sum = (pick: (c: Spend['centres'][number]) => number) => q.data.centres.reduce((n, c) => n + pick(c), 0)
  const money = (amount: number) => f.exact({ amount, currency: q.data.currency })
  const figures = [
    [t('employer.paid'), money(sum((c) => c.subsidy.amount - c.reserved.amount))],
    [t('employer.toCome'), money(sum((c) => c.reserved.amount))],
    [t('employer.rides'), f.n(sum((c) => c.rides))],
    [t('employer.members'), f.n(company.members ?? 0)],
  ] as const
  return (
    <div className="flex flex-col gap-6">
      <h1 className="sr-only">{t('employer.overview')}</h1>
      {q.isError && <ErrorNote error={q.error} onRetry={() => void q.refetch()} />}
      <BudgetAlerts spend={q.data} />
      <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {figures.map(([label, value]) => (
          <div key={label} className="flex flex-col-reverse justify-end rounded-card border border-edge bg-surface p-3 sm:p-4">
            <dt className="text-sm text-muted">{label}</dt>
            <dd className="figures text-lg font-bold tracking-tight whitespace-nowrap sm:text-2xl">
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <section aria-labelledby="budgets">
        <h2 id="budgets" className="mb-3 text-xl font-bold">
          {t('employer.budgets')}
        </h2>
        {q.data.budgets.length === 0 ? (
          <Empty icon="ticket" title={t('employer.noProgrammes')} />
        ) : (
          <ul className="grid gap-3 md:grid-cols-2">
            {q.data.budgets.map((b) => (
              <BudgetCard key={b.programme} budget={b} />
            ))}
          </ul>
        )}
      </section>
    </div>
  )
}
