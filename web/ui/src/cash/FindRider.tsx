import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Page } from '../api/types'
import { useHttp } from '../app/context'
import { useDebounced } from '../app/debounce'
import { ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Field } from '../design/Field'
import { Icon } from '../design/icons'
import type { CashRider } from './types'

const SHORTEST = 3

/** Whose wallet is meant. The server finds eight at most, and shows so much of an address that its owner knows it. */
export function FindRider({ onPick }: { onPick: (r: CashRider) => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const title = useId()
  const [text, setText] = useState('')
  const q = useDebounced(text.trim(), 250)
  const found = useQuery({
    queryKey: ['cash', 'riders', q],
    enabled: q.length >= SHORTEST,
    queryFn: ({ signal }) => http.get<Page<CashRider>>('/v1/cash/riders', { query: { q }, signal }),
  })
  return (
    <section aria-labelledby={title} className="flex flex-col gap-3">
      <h2 id={title} className="text-lg font-bold">
        {t('cash.take')}
      </h2>
      <Field label={t('cash.find')} hint={t('cash.findHint')} type="search" value={text} onChange={(e) => setText(e.target.value)} autoComplete="off" enterKeyHint="search" />
      {found.isError && <ErrorNote error={found.error} onRetry={() => void found.refetch()} />}
      {q.length >= SHORTEST && found.isPending && (
        <Loading>
          <Skeleton className="h-14 rounded-card" />
        </Loading>
      )}
      {found.data && q.length >= SHORTEST && (
        <>
          <p role="status" className={found.data.items.length ? 'sr-only' : 'text-muted'}>
            {found.data.items.length ? t('cash.found', { n: found.data.items.length }) : t('cash.noRider')}
          </p>
          {found.data.items.length > 0 && (
            <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
              {found.data.items.map((r) => (
                <li key={r.id}>
                  <button type="button" onClick={() => onPick(r)} className="flex min-h-14 w-full items-center gap-3 px-4 py-2 text-start hover:bg-sunken">
                    <Icon name="user" className="text-muted" />
                    <span className="min-w-0 flex-1">
                      <bdi className="block truncate font-semibold">{r.name}</bdi>
                      <bdi className="block truncate text-sm text-muted">{r.hint}</bdi>
                    </span>
                    <Icon name="next" className="text-muted" />
                  </button>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  )
}
