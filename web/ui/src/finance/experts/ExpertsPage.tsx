import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Page } from '../../api/types'
import { useFormats, useHttp } from '../../app/context'
import { useDebounced } from '../../app/debounce'
import { Chip } from '../../design/feedback'
import { Field } from '../../design/Field'
import { every, ListPage } from '../Page'
import { standing, standingTone, type Expert } from './experts'

/** Whom the operator pays: what waits for them, and whether it can reach them. Anybody else is found by name. */
export function ExpertsPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const [text, setText] = useState('')
  const q0 = useDebounced(text.trim(), 250)
  const q = useInfiniteQuery({
    queryKey: ['experts', q0],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Expert>>('/v1/experts', { query: { q: q0 || undefined, cursor: pageParam || undefined, limit: 30 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: 4 * every,
  })
  return (
    <ListPage
      title={t('experts.title')}
      label={t('experts.title')}
      query={q}
      each={4 * every}
      icon="people"
      none={t(q0 ? 'experts.nobody' : 'experts.none')}
      filters={<Field type="search" label={t('experts.search')} value={text} maxLength={100} onChange={(e) => setText(e.target.value)} className="w-full sm:w-72" />}
    >
      {(items) => (
        <ul data-testid="experts" className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {items.map((e) => (
            <Row key={e.id} expert={e} />
          ))}
        </ul>
      )}
    </ListPage>
  )
}

function Row({ expert: e }: { expert: Expert }) {
  const { t } = useTranslation()
  const f = useFormats()
  const s = standing(e.account)
  return (
    <li>
      <Link href={`/finance/experts/${e.id}`} data-row className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 hover:bg-sunken focus-visible:-outline-offset-2">
        <span className="min-w-0 flex-1 basis-52">
          <bdi className="block truncate font-semibold">{e.name}</bdi>
          <span className="block text-sm text-muted">
            {e.number ? <bdi dir="ltr" className="figures">{e.number}</bdi> : t('experts.noNumber')}
            {e.last_payout && ` · ${t('experts.last', { amount: f.exact(e.last_payout.amount), date: f.dayMonth(e.last_payout.at.slice(0, 10)) })}`}
          </span>
        </span>
        {s !== 'none' && <Chip tone={standingTone[s]}>{t(`experts.account.${s}`)}</Chip>}
        <span className="ms-auto text-end">
          {[...e.payable, ...e.at_gateway].map((m, i) => (
            <bdi key={i} className="figures block font-semibold whitespace-nowrap">
              {f.exact(m)}
            </bdi>
          ))}
        </span>
      </Link>
    </li>
  )
}
