import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Money, Page } from '../../api/types'
import { useFormats, useHttp } from '../../app/context'
import { Chip } from '../../design/feedback'
import { useMonth } from '../../invoices/Document'
import { every, ListPage } from '../Page'

type Alert = { percent: number; at: string; seen_at?: string; programme: string; name: string; organisation: string; organisation_name: string; month: string; granted: Money; budget: Money }

/** How far organisations have used their programmes' budgets of a month, the newest first: it is what their next invoices will say. */
export default function BudgetsPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const q = useInfiniteQuery({
    queryKey: ['finance', 'budgets'],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Alert>>('/v1/finance/budget-alerts', { query: { cursor: pageParam, limit: 50 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: 4 * every,
  })
  return (
    <ListPage title={t('budgetAlerts.title')} label={t('budgetAlerts.title')} query={q} each={4 * every} icon="check" none={t('office.noBudgets')}>
      {(items) => (
        <ul data-testid="budgets" className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {items.map((a) => (
            <Row key={a.programme + a.month} alert={a} />
          ))}
        </ul>
      )}
    </ListPage>
  )
}

function Row({ alert: a }: { alert: Alert }) {
  const { t } = useTranslation()
  const f = useFormats()
  const month = useMonth()
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
      <span className="min-w-0 flex-1 basis-60">
        <bdi className="block font-semibold break-words">{a.organisation_name}</bdi>
        <span className="block text-sm text-muted">
          <bdi>{a.name}</bdi> · {month(a.month)}
        </span>
      </span>
      <span className="text-end max-sm:order-3 max-sm:w-full max-sm:text-start">
        <bdi className="figures block">{t('office.budgetUsed', { granted: f.exact(a.granted), budget: f.exact(a.budget) })}</bdi>
        <span className="block text-sm text-muted">{t(a.seen_at ? 'office.budgetSeen' : 'office.budgetUnseen')}</span>
      </span>
      <Chip tone={a.percent >= 100 ? 'bad' : 'held'}>{f.percent(a.percent / 100)}</Chip>
    </li>
  )
}
