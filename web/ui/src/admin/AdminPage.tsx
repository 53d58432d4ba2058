import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FeedImport, Page, User } from '../api/types'
import { can, useFormats, useHttp, useMe } from '../app/context'
import { Shell } from '../app/Shell'
import { Button } from '../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { useDebounced } from '../app/debounce'
import { NewUser } from './NewUser'
import { Organisations } from './Organisations'
import { UserRow } from './UserRow'

const PassProducts = lazy(() => import('./PassProducts'))

export default function AdminPage() {
  const me = useMe()
  return (
    <Shell>
      <div className="flex flex-col gap-8">
        <Users />
        {can(me, 'organisation.read') && <Organisations />}
        {can(me, 'pass.write') && (
          <Suspense fallback={<Loading><Skeleton className="h-24 rounded-card" /></Loading>}>
            <PassProducts />
          </Suspense>
        )}
        {can(me, 'gtfs.import') && <Imports />}
      </div>
    </Shell>
  )
}

function Users() {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const me = useMe()
  const [adding, setAdding] = useState(false)
  const [text, setText] = useState('')
  const q0 = useDebounced(text.trim(), 200)
  const q = useInfiniteQuery({
    queryKey: ['users', q0],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<User>>('/v1/users', { query: { q: q0, cursor: pageParam || undefined, limit: 100 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: 15_000, // who is connected is not a live channel
  })
  const items = q.data?.pages.flatMap((p) => p.items) ?? []
  return (
    <section aria-label={t('admin.users')}>
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <h1 className="text-2xl font-bold tracking-tight">{t('admin.users')}</h1>
        {q.data && <bdi dir="ltr" className="figures text-muted">{f.n(items.length) + (q.hasNextPage ? '+' : '')}</bdi>}
        <input type="search" value={text} onChange={(e) => setText(e.target.value)} placeholder={t('admin.find')} aria-label={t('admin.find')} className="ms-auto min-h-10 w-full rounded-control border border-control bg-raised px-3 placeholder:text-muted sm:w-64" />
        {can(me, 'user.write') && (
          <Button icon="plus" onClick={() => setAdding(true)}>
            {t('admin.add')}
          </Button>
        )}
      </div>
      {q.isError ? (
        <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
      ) : q.isPending ? (
        <Loading>
          <Skeleton className="h-64 rounded-card" />
        </Loading>
      ) : items.length === 0 ? (
        <Empty icon="people" title={t('admin.noUsers')} />
      ) : (
        <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {items.map((u) => (
            <UserRow key={u.id} user={u} />
          ))}
        </ul>
      )}
      {q.hasNextPage && (
        <Button className="mt-3" busy={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
          {t('admin.more')}
        </Button>
      )}
      {adding && <NewUser onClose={() => setAdding(false)} />}
    </section>
  )
}

function Imports() {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const q = useQuery({ queryKey: ['imports'], queryFn: ({ signal }) => http.get<Page<FeedImport>>('/v1/feeds/imports', { signal }) })
  return (
    <section aria-label={t('admin.imports')}>
      <h2 className="mb-3 text-xl font-bold">{t('admin.imports')}</h2>
      {q.isError ? (
        <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
      ) : q.isPending ? (
        <Loading>
          <Skeleton className="h-24 rounded-card" />
        </Loading>
      ) : q.data.items.length === 0 ? (
        <Empty icon="upload" title={t('admin.noImports')}>
          <code className="text-sm">waymeet gtfs import</code>
        </Empty>
      ) : (
        <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {q.data.items.map((i) => (
            <li key={i.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3">
              <bdi className="min-w-40 flex-1 font-semibold">{i.source ?? i.id}</bdi>
              {i.state && <Chip tone={i.errors ? 'bad' : 'good'}>{i.state}</Chip>}
              {i.errors !== undefined && <span className="figures text-sm text-muted">{t('admin.errors', { count: i.errors, n: f.n(i.errors) })}</span>}
              {i.warnings !== undefined && <span className="figures text-sm text-muted">{t('admin.warnings', { count: i.warnings, n: f.n(i.warnings) })}</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
