import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Page } from '../../api/types'
import { useFormats, useHttp } from '../../app/context'
import { Select } from '../../design/Field'
import { every, ListPage } from '../Page'
import type { Book } from '../types'
import { isKind, kinds } from './kinds'

export function AccountsPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const [kind, setKind] = useState('')
  const q = useInfiniteQuery({
    queryKey: ['finance', 'accounts', kind],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Book>>('/v1/finance/accounts', { query: { kind, cursor: pageParam, limit: 50 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: 4 * every, // summing takes more than looking
  })
  return (
    <ListPage
      title={t('finance.accounts')}
      label={t('finance.accounts')}
      query={q}
      each={4 * every}
      icon="list"
      none={t('finance.noAccounts')}
      filters={
        <Select label={t('finance.sort')} value={kind} onChange={(e) => setKind(e.target.value)} hideLabel>
          <option value="">{t('finance.everySort')}</option>
          {kinds.map((k) => (
            <option key={k} value={k}>
              {t(`book.${k}`)}
            </option>
          ))}
        </Select>
      }
    >
      {(items) => (
        <ul data-testid="accounts" className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {items.map((b) => (
            <Row key={b.code + b.currency} book={b} />
          ))}
        </ul>
      )}
    </ListPage>
  )
}

function Row({ book: b }: { book: Book }) {
  const { t } = useTranslation()
  const f = useFormats()
  return (
    <li>
      <Link href={`/finance/accounts/${encodeURIComponent(b.code)}/${b.currency}`} data-row className="flex flex-wrap items-center gap-x-4 gap-y-0.5 px-4 py-2.5 hover:bg-sunken focus-visible:-outline-offset-2">
        <span className="min-w-0 flex-1 basis-52">
          <bdi className="block font-semibold break-words">{b.owner ?? (b.label || (isKind(b.kind) ? t(`book.${b.kind}`) : b.kind))}</bdi>
          {b.owner && isKind(b.kind) && <span className="block text-sm text-muted">{t(`book.${b.kind}`)}</span>}
          <code className="block text-sm break-all text-muted">
            <bdi dir="ltr">{b.code}</bdi>
          </code>
        </span>
        {b.available !== b.amount && <span className="figures text-sm text-muted">{t('finance.available', { amount: f.exact({ amount: b.available, currency: b.currency }) })}</span>}
        <bdi className="figures ms-auto text-end font-semibold whitespace-nowrap">{f.exact({ amount: b.amount, currency: b.currency })}</bdi>
      </Link>
    </li>
  )
}
