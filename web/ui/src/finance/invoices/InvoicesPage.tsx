import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Page } from '../../api/types'
import { useFormats, useHttp } from '../../app/context'
import { Icon } from '../../design/icons'
import { Select } from '../../design/Field'
import { State, useMonth } from '../../invoices/Document'
import type { Invoice } from '../../invoices/types'
import { useOrganisations } from '../organisations'
import { every, ListPage } from '../Page'

/** Invoices and credit notes of all organisations, the newest first. */
export function InvoicesPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const [of, setOf] = useState('')
  const firms = useOrganisations()
  const q = useInfiniteQuery({
    queryKey: ['invoices', 'list', of],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Invoice>>(of ? `/v1/organisations/${of}/invoices` : '/v1/invoices', { query: { cursor: pageParam, limit: 50 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: 4 * every,
  })
  return (
    <ListPage
      title={t('invoices.title')}
      label={t('invoices.title')}
      query={q}
      each={4 * every}
      icon="list"
      none={t('office.noInvoices')}
      filters={
        <>
          <Select label={t('invoices.organisation')} value={of} onChange={(e) => setOf(e.target.value)} hideLabel>
            <option value="">{t('office.everyOrganisation')}</option>
            {firms.data?.items.map((o) => (
              <option key={o.id} value={o.id}>
                {o.name}
              </option>
            ))}
          </Select>
          <Link href="/finance/invoices/bill" className="inline-flex min-h-9 items-center gap-2 rounded-control bg-brand px-3 text-sm font-semibold text-on-brand hover:bg-brand-strong">
            <Icon name="plus" size={16} />
            {t('office.bill')}
          </Link>
        </>
      }
    >
      {(items) => (
        <ul data-testid="invoices" className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {items.map((i) => (
            <Row key={i.id} invoice={i} />
          ))}
        </ul>
      )}
    </ListPage>
  )
}

function Row({ invoice: i }: { invoice: Invoice }) {
  const { t } = useTranslation()
  const f = useFormats()
  const month = useMonth()
  const part = i.kind === 'invoice' && i.open.amount !== 0 && i.open.amount !== i.gross.amount
  return (
    <li>
      <Link
        href={`/finance/invoices/${i.id}`}
        data-row
        className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-0.5 px-4 py-2.5 hover:bg-sunken focus-visible:-outline-offset-2 sm:grid-cols-[9.5rem_minmax(0,1fr)_8rem_8rem_8rem]"
      >
        <bdi className="figures text-sm text-muted max-sm:order-3">{i.number}</bdi>
        <span className="min-w-0 max-sm:order-1">
          <bdi className="block truncate font-semibold">{i.organisation_name}</bdi>
          <span className="block text-sm text-muted">{month(i.month)}</span>
        </span>
        <span className="text-sm text-muted max-sm:hidden">{i.kind === 'invoice' && t('invoices.due', { date: f.dayMonth(i.due) })}</span>
        <span className="max-sm:order-4 max-sm:justify-self-end">
          <State invoice={i} />
        </span>
        <span className="text-end max-sm:order-2">
          <bdi className="figures block font-semibold">{f.exact(i.gross)}</bdi>
          {part && <span className="figures block text-sm text-muted">{t('office.openPart', { amount: f.exact(i.open) })}</span>}
        </span>
      </Link>
    </li>
  )
}
