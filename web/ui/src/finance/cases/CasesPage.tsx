import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Page } from '../../api/types'
import { useHttp } from '../../app/context'
import type { Case } from '../../cases/types'
import { Chip } from '../../design/feedback'
import { Segments } from '../../design/Segments'
import { every, ListPage } from '../Page'
import { useWhen } from '../when'

/** What riders and managers say was wrong: those that wait for a decision, and those that had one. */
export function CasesPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const [state, setState] = useState<'open' | 'decided'>('open')
  const q = useInfiniteQuery({
    queryKey: ['cases', 'list', state],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Case>>('/v1/cases', { query: { state, cursor: pageParam, limit: 50 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: 2 * every,
  })
  return (
    <ListPage
      title={t('office.cases')}
      label={t('office.cases')}
      query={q}
      each={2 * every}
      icon="check"
      none={t(state === 'open' ? 'office.noOpenCases' : 'office.noDecidedCases')}
      filters={
        <Segments
          legend={t('finance.state')}
          hideLegend
          value={state}
          onChange={setState}
          options={[
            { value: 'open', label: t('cases.state.open') },
            { value: 'decided', label: t('cases.state.decided') },
          ]}
        />
      }
    >
      {(items) => (
        <ul data-testid="cases" className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {items.map((c) => (
            <Row key={c.id} case={c} />
          ))}
        </ul>
      )}
    </ListPage>
  )
}

function Row({ case: c }: { case: Case }) {
  const { t } = useTranslation()
  const when = useWhen()
  return (
    <li>
      <Link
        href={`/finance/cases/${c.id}`}
        data-row
        className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-0.5 px-4 py-2.5 hover:bg-sunken focus-visible:-outline-offset-2 sm:grid-cols-[7.5rem_minmax(0,1fr)_9rem_auto]"
      >
        <span className="figures text-sm text-muted max-sm:order-3">
          <bdi>{when.short(c.opened_at)}</bdi>
        </span>
        <span className="min-w-0 max-sm:order-1">
          <span className="block font-semibold">{t(`cases.reason.${c.reason}`)}</span>
          <bdi className="block truncate text-sm text-muted">{c.says}</bdi>
        </span>
        <span className="text-sm text-muted max-sm:order-4 max-sm:text-end">{t(c.subject.startsWith('invoice/') ? 'office.aboutLine' : 'office.aboutRide')}</span>
        <Chip tone={c.state === 'open' ? 'held' : c.decision === 'declined' ? 'neutral' : 'good'} className="max-sm:order-2">
          {c.decision ? t(`cases.decision.${c.decision}`) : t('cases.state.open')}
        </Chip>
      </Link>
    </li>
  )
}
