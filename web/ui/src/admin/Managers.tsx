import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Page } from '../api/types'
import { useAction } from '../app/action'
import { useHttp } from '../app/context'
import { Button } from '../design/Button'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Sheet } from '../design/Sheet'
import type { Manager, Organisation } from '../employer/types'

/** Who manages an organisation or a part of it. Whoever is taken away sees nothing of it any more; their account stays. */
export function Managers({ company, onAdd, onClose }: { company: Organisation; onAdd: () => void; onClose: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const q = useInfiniteQuery({
    queryKey: ['managers', company.id],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Manager>>(`/v1/organisations/${company.id}/managers`, { query: { cursor: pageParam || undefined, limit: 100 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
  })
  const items = q.data?.pages.flatMap((p) => p.items) ?? []
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('managers.title')} description={company.name}>
      <div className="flex flex-col gap-4">
        {q.isError ? (
          <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
        ) : q.isPending ? (
          <Loading>
            <Skeleton className="h-24 rounded-card" />
          </Loading>
        ) : items.length === 0 ? (
          <Empty icon="people" title={t('managers.none')} />
        ) : (
          <ul data-testid="managers" className="divide-y divide-edge">
            {items.map((m) => (
              <Row key={m.user + m.unit} company={company} manager={m} />
            ))}
          </ul>
        )}
        {q.hasNextPage && (
          <Button busy={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
            {t('admin.more')}
          </Button>
        )}
        <Button kind="primary" size="lg" onClick={onAdd}>
          {t('employer.addManager')}
        </Button>
      </div>
    </Sheet>
  )
}

function Row({ company, manager: m }: { company: Organisation; manager: Manager }) {
  const { t } = useTranslation()
  const http = useHttp()
  const cache = useQueryClient()
  const [asked, setAsked] = useState(false)
  const remove = useAction(useCallback((unit: string) => http.delete<undefined>(`/v1/organisations/${company.id}/managers/${m.user}`, { query: { unit } }).then(() => true), [http, company.id, m.user]))
  const go = async () => {
    if (!(await remove.act(m.unit))) return
    for (const of of ['managers', 'organisations', 'users']) void cache.invalidateQueries({ queryKey: [of] })
  }
  return (
    <li className="flex flex-col gap-2 py-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-40 flex-1">
          <p className="font-semibold break-words">
            <bdi>{m.name}</bdi>
          </p>
          <p className="text-sm break-all text-muted">
            <bdi>{m.email}</bdi>
            {m.unit !== company.id && (
              <>
                {' · '}
                <bdi>{m.unit_name}</bdi>
              </>
            )}
          </p>
        </div>
        {asked ? (
          <div className="flex gap-2">
            <Button kind="danger" busy={remove.busy} onClick={() => void go()}>
              {t('managers.sure')}
            </Button>
            <Button onClick={() => setAsked(false)}>{t('managers.keep')}</Button>
          </div>
        ) : (
          <Button aria-label={t('managers.removeOf', { name: m.name })} onClick={() => setAsked(true)}>
            {t('managers.remove')}
          </Button>
        )}
      </div>
      {remove.error !== null && <ErrorNote error={remove.error} />}
    </li>
  )
}
