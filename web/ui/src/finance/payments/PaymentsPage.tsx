import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Page } from '../../api/types'
import { useFormats, useHttp, useMe } from '../../app/context'
import { useDebounced } from '../../app/debounce'
import { minorOf } from '../../app/minor'
import { Button } from '../../design/Button'
import { cx } from '../../design/cx'
import { Chip, ErrorNote } from '../../design/feedback'
import { Select } from '../../design/Field'
import { useNews } from '../news'
import { ListPage } from '../Page'
import type { Payment } from '../types'
import { useWhen } from '../when'
import { CaseRefunds } from './CaseRefunds'
import { kindOf, shown, statuses, subjects, tone } from './status'

export function PaymentsPage() {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const [more, setMore] = useState(false) // of the filters, on a phone
  const pace = useNews('payments', ['finance', 'payments'])
  const [state, setState] = useState('')
  const [subject, setSubject] = useState('')
  const [typed, setTyped] = useState('')
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const search = useDebounced(typed.trim(), 300)
  const { tenant } = useMe()
  const minor = /^[\d.,٠-٩٫]{1,12}$/.test(search) ? minorOf(search, tenant.currency) : undefined // an amount, unless it is none
  const set = [state, subject, from, to].filter(Boolean).length
  const which = { state, subject, from_day: from || undefined, to_day: to || undefined, ...(minor ? { amount: minor } : { search: search || undefined }) }
  const q = useInfiniteQuery({
    queryKey: ['finance', 'payments', which],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Payment>>('/v1/finance/payments', { query: { ...which, cursor: pageParam, limit: 50 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: pace,
  })
  return (
    <>
      <CaseRefunds />
      <ListPage
        title={t('finance.payments')}
        label={t('finance.payments')}
        query={q}
        each={pace}
        icon="cash"
        none={t('finance.noPayments')}
        filters={
          <>
            <input type="search" className={`${look} flex-1 sm:w-64 sm:flex-none`} value={typed} maxLength={80} onChange={(e) => setTyped(e.target.value)} aria-label={t('finance.find')} placeholder={t('finance.find')} />
            <Button size="sm" className="min-h-11 sm:hidden" aria-expanded={more} aria-controls="payments-filters" onClick={() => setMore(!more)}>
              {t('finance.filters')}
              {set > 0 && <Chip tone="brand">{f.n(set)}</Chip>}
            </Button>
            <div id="payments-filters" className={cx('w-full flex-wrap gap-2 sm:flex sm:w-auto', more ? 'flex' : 'max-sm:hidden')}>
              <label className="flex min-w-0 flex-1 items-center gap-1.5 text-sm font-semibold sm:flex-none">
                {t('finance.from')}
                <input type="date" className={look} value={from} max={to || undefined} onChange={(e) => setFrom(e.target.value)} />
              </label>
              <label className="flex min-w-0 flex-1 items-center gap-1.5 text-sm font-semibold sm:flex-none">
                {t('finance.to')}
                <input type="date" className={look} value={to} min={from || undefined} onChange={(e) => setTo(e.target.value)} />
              </label>
              <Select label={t('finance.state')} value={state} onChange={(e) => setState(e.target.value)} hideLabel>
                <option value="">{t('finance.everyState')}</option>
                {statuses.map((s) => (
                  <option key={s} value={s}>
                    {t(`finance.status.${s}`)}
                  </option>
                ))}
              </Select>
              <Select label={t('finance.for')} value={subject} onChange={(e) => setSubject(e.target.value)} hideLabel>
                <option value="">{t('finance.everySubject')}</option>
                {subjects.map((s) => (
                  <option key={s} value={s}>
                    {t(`finance.subject.${s}`)}
                  </option>
                ))}
              </Select>
              <Export which={which} />
            </div>
          </>
        }
      >
        {(items) => (
          <ul data-testid="payments" className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
            {items.map((p) => (
              <Row key={p.id} payment={p} />
            ))}
          </ul>
        )}
      </ListPage>
    </>
  )
}

const look = 'min-h-11 min-w-0 rounded-control border border-control bg-raised px-2.5 text-sm sm:min-h-9'

/** What the filters find, as a file for a spreadsheet. */
function Export({ which }: { which: Record<string, string | number | undefined> }) {
  const { t } = useTranslation()
  const http = useHttp()
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<unknown>(null)
  const save = async () => {
    setBusy(true)
    setFailed(null)
    try {
      let text = ''
      let cursor: string | undefined = ''
      let name = ''
      while (cursor !== undefined) {
        const file: { name: string; csv: string; next?: string } = await http.get('/v1/finance/payments/file', { query: { ...which, cursor: cursor || undefined }, timeoutMs: 60_000 })
        text += text === '' ? file.csv : file.csv.slice(file.csv.indexOf('\n') + 1)
        name = file.name
        cursor = file.next
      }
      const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
      const a = document.createElement('a')
      a.href = url
      a.download = name
      a.click()
      URL.revokeObjectURL(url)
    } catch (e) {
      setFailed(e)
    }
    setBusy(false)
  }
  return (
    <>
      <Button size="sm" className="min-h-11 sm:min-h-9" busy={busy} onClick={() => void save()}>
        {t('finance.csv')}
      </Button>
      {failed !== null && <ErrorNote className="w-full" error={failed} />}
    </>
  )
}

function Row({ payment: p }: { payment: Payment }) {
  const { t } = useTranslation()
  const f = useFormats()
  const when = useWhen()
  const s = shown(p)
  return (
    <li>
      <Link href={`/finance/payments/${p.id}`} data-row className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-0.5 px-4 py-2.5 hover:bg-sunken focus-visible:-outline-offset-2 sm:grid-cols-[9.5rem_minmax(0,1fr)_8rem_7rem_8rem]">
        <span className="figures text-sm text-muted max-sm:order-3">
          <bdi>{when.short(p.created_at)}</bdi>
        </span>
        <bdi className="truncate font-semibold max-sm:order-1">{p.payer_name}</bdi>
        <span className="text-sm text-muted max-sm:hidden">{t(`finance.subject.${kindOf(p.subject)}`)}</span>
        <span className="max-sm:order-4 max-sm:justify-self-end">
          <Chip tone={tone[s]}>{t(`finance.status.${s}`)}</Chip>
        </span>
        <bdi className="figures text-end font-semibold whitespace-nowrap max-sm:order-2">{f.exact({ amount: p.amount, currency: p.currency })}</bdi>
      </Link>
    </li>
  )
}
