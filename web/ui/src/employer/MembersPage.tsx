import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Page } from '../api/types'
import { useFormats, useHttp } from '../app/context'
import { useDebounced } from '../app/debounce'
import { Button } from '../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { MemberSheet } from './MemberSheet'
import { RosterSheet } from './RosterSheet'
import type { Member, Organisation } from './types'

export default function MembersPage({ company }: { company: Organisation }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const [text, setText] = useState('')
  const [importing, setImporting] = useState(false)
  const [open, setOpen] = useState<Member | null>(null)
  const q0 = useDebounced(text.trim(), 200)
  const q = useInfiniteQuery({
    queryKey: ['members', company.id, q0],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Member>>(`/v1/organisations/${company.id}/members`, { query: { q: q0, cursor: pageParam || undefined, limit: 100 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
  })
  const items = q.data?.pages.flatMap((p) => p.items) ?? []
  return (
    <section aria-label={t('employer.members')}>
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <h1 className="text-2xl font-bold tracking-tight">{t('employer.members')}</h1>
        {q.data && (
          <bdi dir="ltr" className="figures text-muted">
            {f.n(items.length) + (q.hasNextPage ? '+' : '')}
          </bdi>
        )}
        <input type="search" value={text} onChange={(e) => setText(e.target.value)} placeholder={t('employer.find')} aria-label={t('employer.find')} className="ms-auto min-h-10 w-full rounded-control border border-control bg-raised px-3 placeholder:text-muted sm:w-64" />
        <Button icon="upload" onClick={() => setImporting(true)}>
          {t('employer.import')}
        </Button>
      </div>
      {q.isError ? (
        <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
      ) : q.isPending ? (
        <Loading>
          <Skeleton className="h-64 rounded-card" />
        </Loading>
      ) : items.length === 0 ? (
        <Empty icon="people" title={t('employer.noMembers')} />
      ) : (
        <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {items.map((m) => (
            <li key={m.id} className="flex items-center gap-x-4 px-4 py-3">
              <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-1">
                <div className="min-w-48 flex-1">
                  <p className="font-semibold">
                    <bdi>{m.name}</bdi>
                  </p>
                  <p className="text-sm break-all text-muted">
                    <bdi>{[m.number, m.email].filter(Boolean).join(' · ')}</bdi>
                  </p>
                </div>
                {m.cost_centre && <bdi className="figures text-sm text-muted">{m.cost_centre}</bdi>}
                {m.left && <Chip tone="held">{t('employer.until', { date: f.dayMonth(m.left) })}</Chip>}
                {!m.account && <Chip>{t('employer.noAccount')}</Chip>}
              </div>
              <Button data-row size="sm" className="min-h-11 sm:min-h-9" aria-label={t('oneMember.changeOf', { name: m.name })} onClick={() => setOpen(m)}>
                {t('oneMember.change')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {q.hasNextPage && (
        <Button className="mt-3" busy={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
          {t('admin.more')}
        </Button>
      )}
      {open && <MemberSheet company={company} member={open} onClose={() => setOpen(null)} />}
      {importing && <RosterSheet company={company} onClose={() => setImporting(false)} />}
    </section>
  )
}
