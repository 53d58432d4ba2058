import type { UseInfiniteQueryResult, UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ErrorNote, Loading, Skeleton } from '../design/feedback'
import { every, Fresh } from './Page'

/** The top of a screen of finance: what it is, how old it is, what can be done. */
export function Head({ title, query: q, each = every, children }: { title: string; query?: UseQueryResult<unknown> | UseInfiniteQueryResult<unknown>; each?: number; children?: ReactNode }) {
  return (
    <div className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-2">
      <h1 className="text-2xl font-bold tracking-tight">{title}</h1>
      {q && <Fresh at={q.dataUpdatedAt} failing={q.isError} each={each} />}
      {children && <div className="flex flex-wrap gap-2 sm:ms-auto">{children}</div>}
    </div>
  )
}

/** What was asked for, or why it is not there; what is old stays in sight under the reason. */
export function Shown<T>({ query: q, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  return (
    <>
      {q.isError && <ErrorNote className="mb-3" error={q.error} onRetry={() => void q.refetch()} />}
      {q.data !== undefined ? (
        children(q.data)
      ) : q.isError ? null : (
        <Loading>
          <Skeleton className="h-64 rounded-card" />
        </Loading>
      )}
    </>
  )
}
