import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Page } from '../../api/types'
import { useFormats, useHttp } from '../../app/context'
import { Chip } from '../../design/feedback'
import { Select } from '../../design/Field'
import { useNews } from '../news'
import { ListPage } from '../Page'
import type { Payment } from '../types'
import { useWhen } from '../when'
import { CaseRefunds } from './CaseRefunds'
import { kindOf, shown, statuses, subjects, tone } from './status'

export function PaymentsPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const pace = useNews('payments', ['finance', 'payments'])
  const [state, setState] = useState('')
  const [subject, setSubject] = useState('')
  const q = useInfiniteQuery({
    queryKey: ['finance', 'payments', state, subject],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Payment>>('/v1/finance/payments', { query: { state, subject, cursor: pageParam, limit: 50 }, signal }),
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
