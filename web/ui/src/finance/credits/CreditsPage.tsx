import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { can, useFormats, useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Empty } from '../../design/feedback'
import { Head, Shown } from '../Head'
import { every } from '../Page'
import { ApplySheet } from './ApplySheet'
import type { Credit, Credits } from './credits'
import { RefundCard } from './RefundCard'
import { RefundSheet } from './RefundSheet'
import { Story } from './Story'

/** What organisations have because what they had paid was credited, and what of it waits to go back to their banks. */
export default function CreditsPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const q = useQuery({ queryKey: ['credits'], refetchInterval: 4 * every, queryFn: ({ signal }) => http.get<Credits>('/v1/credits', { signal }) })
  return (
    <section aria-label={t('credits.title')}>
      <Head title={t('credits.title')} query={q} each={4 * every} />
      <Shown query={q}>
        {(c) =>
          c.items.length + c.refunds.length === 0 ? (
            <Empty icon="check" title={t('credits.none')}>
              {t('credits.noneHint')}
            </Empty>
          ) : (
            <div className="flex flex-col gap-6">
              {c.refunds.length > 0 && (
                <section aria-label={t('credits.waits')}>
                  <h2 className="mb-2 font-semibold">{t('credits.waits')}</h2>
                  <ul className="flex flex-col gap-2">
                    {c.refunds.map((r) => (
                      <RefundCard key={r.id} refund={r} />
                    ))}
                  </ul>
                </section>
              )}
              <ul className="flex flex-col gap-2" data-testid="credits">
                {c.items.map((x) => (
                  <Firm key={x.organisation + x.amount.currency} credit={x} />
                ))}
              </ul>
            </div>
          )
        }
      </Shown>
    </section>
  )
}

function Firm({ credit: c }: { credit: Credit }) {
  const { t } = useTranslation()
  const f = useFormats()
  const me = useMe()
  const [sheet, setSheet] = useState<'apply' | 'refund' | null>(null)
  const [story, setStory] = useState(false)
  const close = () => setSheet(null)
  return (
    <li className="flex flex-col gap-2 rounded-card border border-edge bg-surface px-4 py-3" data-testid="credit">
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <h2 className="font-semibold">
          <bdi>{c.name}</bdi>
        </h2>
        <bdi className="figures ms-auto text-lg font-bold">{f.exact(c.amount)}</bdi>
      </div>
      {c.leaving > 0 && <p className="text-sm text-muted">{t('credits.leaving', { amount: f.exact({ ...c.amount, amount: c.leaving }) })}</p>}
      <div className="flex flex-wrap gap-2">
        {c.amount.amount > 0 && can(me, 'invoice.write') && <Button onClick={() => setSheet('apply')}>{t('credits.apply')}</Button>}
        {c.amount.amount > 0 && can(me, 'payout.make') && <Button onClick={() => setSheet('refund')}>{t('credits.refund')}</Button>}
        <Button kind="quiet" aria-expanded={story} onClick={() => setStory(!story)}>
          {t(story ? 'credits.hide' : 'credits.show')}
        </Button>
      </div>
      {story && <Story organisation={c.organisation} />}
      {sheet === 'apply' && <ApplySheet credit={c} onClose={close} />}
      {sheet === 'refund' && <RefundSheet credit={c} onClose={close} />}
    </li>
  )
}
