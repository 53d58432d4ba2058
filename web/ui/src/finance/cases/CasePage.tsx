import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { can, useFormats, useHttp, useMe } from '../../app/context'
import { Evidence } from '../../cases/Evidence'
import { Said } from '../../cases/Said'
import type { Case } from '../../cases/types'
import { Button } from '../../design/Button'
import { Icon } from '../../design/icons'
import { Shown } from '../Head'
import { every } from '../Page'
import { useWhen } from '../when'
import { DecideCase } from './DecideCase'

/** One case: what was said, what it is about, what speaks for it, and the decision. */
export function CasePage({ id }: { id: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const me = useMe()
  const when = useWhen()
  const [deciding, setDeciding] = useState(false)
  const q = useQuery({ queryKey: ['cases', 'one', id], refetchInterval: 2 * every, queryFn: ({ signal }) => http.get<Case>(`/v1/cases/${id}`, { signal }) })
  return (
    <section aria-label={t('office.case')}>
      <Link href="/finance/cases" className="mb-2 inline-flex min-h-9 items-center gap-1.5 font-semibold text-brand">
        <Icon name="back" size={18} />
        {t('office.cases')}
      </Link>
      <Shown query={q}>
        {(c) => (
          <div className="flex flex-col gap-4">
            <div className="flex flex-wrap items-center gap-3">
              <h1 className="text-2xl font-bold tracking-tight">{t('office.case')}</h1>
              <span className="text-sm text-muted">{t('office.openedAt', { at: when.full(c.opened_at) })}</span>
              {c.state === 'open' && can(me, 'invoice.write') && (
                <Button kind="primary" className="sm:ms-auto" onClick={() => setDeciding(true)}>
                  {t('office.decideCase')}
                </Button>
              )}
            </div>
            <div className="grid gap-4 md:grid-cols-2">
              <section aria-label={t('office.said')} className="rounded-card border border-edge bg-surface p-4" data-testid="said">
                <Said case={c} />
                {c.decided_at && <p className="mt-2 text-sm text-muted">{t('office.decidedAt', { at: when.full(c.decided_at) })}</p>}
                <Outcome case={c} />
              </section>
              <section aria-label={t('office.about')} className="rounded-card border border-edge bg-surface p-4">
                <h2 className="mb-1 font-semibold">{t(c.subject.startsWith('invoice/') ? 'office.aboutLine' : 'office.aboutRide')}</h2>
                {c.about ? (
                  <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
                    <Fact name={t('office.day')} value={c.about.date ? f.dayMonth(c.about.date) : ''} />
                    <Fact name={t('finance.what')} value={c.about.text} />
                    <Fact name={t('office.person')} value={c.about.person ?? ''} />
                    <Fact name={t('office.amountOf')} value={f.exact(c.about.amount)} />
                    {c.about.share && c.about.share.amount !== c.about.amount.amount && <Fact name={t('office.share')} value={f.exact(c.about.share)} />}
                    {c.about.state && <Fact name={t('finance.state')} value={t(`booking.state.${c.about.state as 'completed'}`)} />}
                    {c.subject.startsWith('booking/') && <Fact name={t('office.scan')} value={c.about.boarded_at ? when.full(c.about.boarded_at) : t('office.noScan')} />}
                  </dl>
                ) : (
                  <code dir="ltr" className="text-sm break-all text-muted">
                    {c.subject}
                  </code>
                )}
                {c.about?.invoice && (
                  <Link href={`/finance/invoices/${c.about.invoice}`} className="mt-2 inline-flex min-h-9 items-center font-semibold text-brand underline">
                    <bdi className="figures">{c.about.number}</bdi>
                  </Link>
                )}
              </section>
            </div>
            <Evidence case={c} />
            {deciding && <DecideCase case={c} onClose={() => setDeciding(false)} />}
          </div>
        )}
      </Shown>
    </section>
  )
}

function Outcome({ case: c }: { case: Case }) {
  const { t } = useTranslation()
  const [kind, id] = (c.outcome ?? '').split('/')
  if (kind !== 'invoice') return null
  return (
    <Link href={`/finance/invoices/${id}`} className="mt-1 inline-flex min-h-9 items-center font-semibold text-brand underline">
      {t('invoices.creditNote')}
    </Link>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  if (!value) return null
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 break-words">
        <bdi>{value}</bdi>
      </dd>
    </>
  )
}
