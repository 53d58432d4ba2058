import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Money, Page } from '../../api/types'
import { useFormats, useHttp } from '../../app/context'
import { useDebounced } from '../../app/debounce'
import { majorOf, minorOf } from '../../app/minor'
import { Button } from '../../design/Button'
import { Empty, ErrorNote, Loading, Skeleton } from '../../design/feedback'
import { Field } from '../../design/Field'
import type { Invoice } from '../../invoices/types'

type Picked = { invoice: Invoice; text: string }

/** How much of some money goes on which open invoices, as it is typed; what is typed stays, whatever is looked for next. */
export function usePicks(of: Money) {
  const [picked, setPicked] = useState<ReadonlyMap<string, Picked>>(new Map())
  const pays = [...picked.values()].flatMap(({ invoice: i, text }) => {
    if (text.trim() === '') return []
    const amount = minorOf(text, of.currency) ?? 0
    return [{ invoice: i.id ?? '', amount, fits: amount > 0 && amount <= i.open.amount }]
  })
  const sum = pays.reduce((s, p) => s + p.amount, 0)
  return {
    of,
    picked,
    type: (invoice: Invoice, text: string) => setPicked((all) => new Map(all).set(invoice.id ?? '', { invoice, text })),
    pays: pays.map(({ invoice, amount }) => ({ invoice, amount })),
    sum,
    tooMuch: sum > of.amount,
    wrong: pays.length === 0 || pays.some((p) => !p.fits) || sum > of.amount,
  }
}

/** Open invoices to put money on, the oldest due first: an organisation's own, or anybody's. They are found by what is typed, a page at a time. */
export function PickInvoices({ picks, organisation, none }: { picks: ReturnType<typeof usePicks>; organisation?: string; none: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const [text, setText] = useState('')
  const typed = useDebounced(text.trim(), 250)
  const { currency } = picks.of
  const date = new Intl.DateTimeFormat(f.tag, { dateStyle: 'medium', timeZone: 'UTC' }) // some are due for years
  const q = useInfiniteQuery({
    queryKey: ['receivables', 'open', organisation, currency, typed],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      http.get<Page<Invoice>>('/v1/receivables/invoices', { query: { organisation, currency, q: typed || undefined, amount: minorOf(typed, currency) || undefined, cursor: pageParam || undefined, limit: 20 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
  })
  const found = q.data?.pages.flatMap((p) => p.items) ?? []
  const before = [...picks.picked.values()].flatMap((p) => (p.text.trim() !== '' && !found.some((i) => i.id === p.invoice.id) ? [p.invoice] : []))
  return (
    <>
      <Field label={t(organisation ? 'office.findNumber' : 'office.findInvoice')} type="search" maxLength={100} value={text} onChange={(e) => setText(e.target.value)} />
      {q.isError && <ErrorNote error={q.error} onRetry={() => void q.refetch()} />}
      {q.isPending && !q.isError && (
        <Loading>
          <Skeleton className="h-48 rounded-card" />
        </Loading>
      )}
      {q.isSuccess && found.length === 0 && <Empty icon="list" title={typed ? t('office.noneFound') : none} />}
      {before.length + found.length > 0 && (
        <ul className="divide-y divide-edge rounded-control border border-edge" data-testid="open-invoices">
          {[...before, ...found].map((i) => {
            const value = picks.picked.get(i.id ?? '')?.text ?? ''
            const amount = minorOf(value, currency)
            return (
              <li key={i.id} className="flex flex-wrap items-end gap-3 px-3 py-3">
                <span className="min-w-0 flex-1 basis-40 self-center text-sm">
                  <bdi className="figures block font-semibold">{i.number}</bdi>
                  {!organisation && <bdi className="block text-muted">{i.organisation_name}</bdi>}
                  <span className="block text-muted">
                    {t('office.openPart', { amount: f.exact(i.open) })} · {t('invoices.due', { date: date.format(new Date(`${i.due}T00:00:00Z`)) })}
                  </span>
                </span>
                <Field
                  className="w-36"
                  label={t('finance.amount', { currency })}
                  inputMode="decimal"
                  dir="ltr"
                  placeholder={majorOf(Math.min(i.open.amount, picks.of.amount), currency)}
                  value={value}
                  onChange={(e) => picks.type(i, e.target.value)}
                  error={value.trim() !== '' && (amount === undefined || amount < 1 || amount > i.open.amount) ? t('finance.amountWrong', { left: f.exact(i.open) }) : undefined}
                />
              </li>
            )
          })}
        </ul>
      )}
      {q.hasNextPage && (
        <Button type="button" className="self-start" busy={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
          {t('finance.more')}
        </Button>
      )}
    </>
  )
}
