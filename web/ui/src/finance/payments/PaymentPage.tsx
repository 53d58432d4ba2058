import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { can, useFormats, useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Chip, ErrorNote, Loading, Skeleton } from '../../design/feedback'
import { Icon } from '../../design/icons'
import { FindingCard } from '../findings/FindingCard'
import { useNews } from '../news'
import { Fresh } from '../Page'
import type { Story } from '../types'
import { RefundSheet } from './RefundSheet'
import { kindOf, shown, tone } from './status'
import { Timeline } from './Timeline'

export function PaymentPage({ id }: { id: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const pace = useNews('payments', ['finance', 'payment', id])
  useNews('events', ['finance', 'payment', id]) // what a gateway told is part of its story
  const me = useMe()
  const [refunding, setRefunding] = useState(false)
  const q = useQuery({ queryKey: ['finance', 'payment', id], queryFn: ({ signal }) => http.get<Story>(`/v1/finance/payments/${id}`, { signal }), refetchInterval: pace })
  const p = q.data
  const m = (amount: number) => (p ? f.exact({ amount, currency: p.currency }) : '')
  return (
    <section aria-label={t('finance.payment')} className="flex flex-col gap-5">
      <Link href="/finance/payments" className="inline-flex min-h-9 items-center gap-1.5 self-start font-semibold text-brand">
        <Icon name="back" size={18} />
        {t('finance.payments')}
      </Link>
      {q.isError && <ErrorNote error={q.error} onRetry={() => void q.refetch()} />}
      {!p ? (
        !q.isError && (
          <Loading>
            <Skeleton className="h-64 rounded-card" />
          </Loading>
        )
      ) : (
        <>
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <h1 className="figures text-2xl font-bold tracking-tight">
              <bdi>{m(p.amount)}</bdi>
            </h1>
            <Chip tone={tone[shown(p)]}>{t(`finance.status.${shown(p)}`)}</Chip>
            <Fresh at={q.dataUpdatedAt} failing={q.isError} each={pace} />
            {can(me, 'finance.write') && p.left > 0 && (
              <Button className="ms-auto" icon="swap" onClick={() => setRefunding(true)}>
                {t('finance.refund')}
              </Button>
            )}
          </div>
          <dl className="grid gap-x-6 gap-y-2 rounded-card border border-edge bg-surface px-4 py-3 text-sm sm:grid-cols-2 lg:grid-cols-3">
            <Fact name={t('finance.payer')} value={p.payer_name} />
            <Fact name={t('finance.for')} value={t(`finance.subject.${kindOf(p.subject)}`)} />
            <Fact name={t('finance.gateway')} value={[p.gateway, p.ref].filter(Boolean).join(' · ')} />
            <Fact name={t('finance.captured')} value={m(p.captured)} />
            <Fact name={t('finance.refunded')} value={m(p.refunded)} />
            {p.refunding > p.refunded && <Fact name={t('finance.refunding')} value={m(p.refunding - p.refunded)} />}
            {p.returned > 0 && <Fact name={t('finance.returned')} value={m(p.returned)} />}
            {p.disputed > 0 && <Fact name={t('finance.disputed')} value={m(p.disputed)} />}
            {p.decline && <Fact name={t('finance.decline')} value={p.declined ?? ''} />}
          </dl>
          {p.findings.length > 0 && (
            <section aria-label={t('finance.findings')}>
              <h2 className="mb-2 text-lg font-bold">{t('finance.findings')}</h2>
              <ul className="flex flex-col gap-2">
                {p.findings.map((x) => (
                  <FindingCard key={x.id} finding={x} />
                ))}
              </ul>
            </section>
          )}
          <section aria-label={t('finance.story')}>
            <h2 className="mb-2 text-lg font-bold">{t('finance.story')}</h2>
            <Timeline story={p} />
          </section>
          {refunding && <RefundSheet payment={p} onClose={() => setRefunding(false)} />}
        </>
      )}
    </section>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex min-w-0 items-baseline justify-between gap-3 sm:block">
      <dt className="text-muted">{name}</dt>
      <dd className="figures min-w-0 font-semibold break-all">
        <bdi>{value}</bdi>
      </dd>
    </div>
  )
}
