import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Page } from '../../api/types'
import { useHttp } from '../../app/context'
import { Segments } from '../../design/Segments'
import { useNews } from '../news'
import { ListPage } from '../Page'
import type { Finding, FindingState } from '../types'
import { FindingCard } from './FindingCard'

const states: readonly FindingState[] = ['open', 'explained', 'resolved']

export default function FindingsPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const pace = useNews('findings', ['finance', 'findings'])
  const [state, setState] = useState<FindingState>('open')
  const q = useInfiniteQuery({
    queryKey: ['finance', 'findings', state],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Finding>>('/v1/finance/findings', { query: { state, cursor: pageParam, limit: 50 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: pace,
  })
  return (
    <ListPage
      title={t('finance.findings')}
      label={t('finance.findings')}
      query={q} each={pace}
      icon="check"
      none={state === 'open' ? t('finance.noFindings') : t('finance.noneOfThese')}
      filters={<Segments legend={t('finance.state')} hideLegend value={state} onChange={setState} options={states.map((s) => ({ value: s, label: t(`finance.findingState.${s}`) }))} />}
    >
      {(items) => (
        <ul data-testid="findings" className="flex flex-col gap-2">
          {items.map((x) => (
            <FindingCard key={x.id} finding={x} />
          ))}
        </ul>
      )}
    </ListPage>
  )
}
