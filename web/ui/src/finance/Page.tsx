import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { useEffect, useRef, useState, type ReactNode, type RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import type { Page as Pages } from '../api/types'
import { useFormats } from '../app/context'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import type { IconName } from '../design/icons'

/** How often what is shown is asked for again. */
export const every = 5_000

/** How old what is shown is, by when it was last asked for; in another colour once it should have been asked for again. */
export function Fresh({ at, failing, each = every }: { at: number; failing: boolean; each?: number }) {
  const { t } = useTranslation()
  const f = useFormats()
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const h = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(h)
  }, [])
  if (at === 0) return null
  const age = Math.max(0, now - at)
  const old = failing || age > 2 * each
  return (
    <span className={cx('inline-flex items-center gap-1.5 text-sm font-semibold', old ? 'text-held' : 'text-muted')} data-testid="fresh" data-old={old}>
      <span aria-hidden="true" className={cx('size-2 rounded-full', old ? 'bg-held' : 'bg-good')} />
      {t(old ? 'finance.old' : 'finance.fresh', { age: f.span(age) })}
    </span>
  )
}

/** Up and down go from row to row, as in a table. */
function useArrows(ref: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const list = ref.current
    if (!list) return
    const go = (e: KeyboardEvent) => {
      if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') return
      const rows = [...list.querySelectorAll<HTMLElement>('[data-row]')]
      const at = rows.indexOf(document.activeElement as HTMLElement)
      const next = rows[at + (e.key === 'ArrowDown' ? 1 : -1)]
      if (at < 0 || !next) return
      e.preventDefault()
      next.focus()
    }
    list.addEventListener('keydown', go)
    return () => list.removeEventListener('keydown', go)
  }, [ref])
}

type Query<T> = UseInfiniteQueryResult<InfiniteData<Pages<T>>>

/** A list that is read page by page: its title and filters, and each state that it can be in. */
export function ListPage<T>({ title, filters, query: q, each = every, icon, none, children, label }: {
  title: string
  filters?: ReactNode
  query: Query<T>
  each?: number // how often the query asks again
  icon: IconName
  none: string
  label: string
  children: (items: T[]) => ReactNode
}) {
  const { t } = useTranslation()
  const ref = useRef<HTMLElement>(null)
  useArrows(ref)
  const items = q.data?.pages.flatMap((p) => p.items) ?? []
  return (
    <section ref={ref} aria-label={label}>
      <div className="mb-3 flex flex-wrap items-end gap-x-4 gap-y-2">
        <h1 className="text-2xl font-bold tracking-tight">{title}</h1>
        <Fresh at={q.dataUpdatedAt} failing={q.isError} each={each} />
        {filters && <div className="ms-auto flex flex-wrap gap-2 max-sm:w-full">{filters}</div>}
      </div>
      {q.isError && <ErrorNote className="mb-3" error={q.error} onRetry={() => void q.refetch()} />}
      {q.isPending && !q.isError ? (
        <Loading>
          <Skeleton className="h-64 rounded-card" />
        </Loading>
      ) : items.length === 0 ? (
        !q.isError && <Empty icon={icon} title={none} />
      ) : (
        children(items)
      )}
      {q.hasNextPage && (
        <Button className="mt-3" busy={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
          {t('finance.more')}
        </Button>
      )}
    </section>
  )
}
