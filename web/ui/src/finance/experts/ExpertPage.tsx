import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { can, useFormats, useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Chip } from '../../design/feedback'
import { Icon } from '../../design/icons'
import { Head, Shown } from '../Head'
import { every } from '../Page'
import { lineTone } from '../payouts/payouts'
import { useWhen } from '../when'
import { AccountCard } from './AccountCard'
import { BankSheet } from './BankSheet'
import type { ExpertStory } from './experts'

/** One person whom the operator pays: what waits, by which way it can go, and what was done to that. */
export function ExpertPage({ id }: { id: string }) {
  const { t } = useTranslation()
  const http = useHttp()
  const cache = useQueryClient()
  const q = useQuery({ queryKey: ['experts', 'one', id], queryFn: ({ signal }) => http.get<ExpertStory>(`/v1/experts/${id}`, { signal }), refetchInterval: 2 * every })
  const again = useCallback(() => void cache.invalidateQueries({ queryKey: ['experts'] }), [cache])
  return (
    <section aria-label={t('experts.title')}>
      <Link href="/finance/experts" className="mb-2 inline-flex min-h-11 items-center gap-1.5 font-semibold text-brand">
        <Icon name="back" size={18} />
        {t('experts.title')}
      </Link>
      <Head title={q.data?.name ?? t('experts.title')} query={q} each={2 * every} />
      <Shown query={q}>{(e) => <Parts expert={e} onChange={again} />}</Shown>
    </section>
  )
}

function Parts({ expert: e, onChange }: { expert: ExpertStory; onChange: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const me = useMe()
  const when = useWhen()
  const [setting, set] = useState(false)
  const sums = [
    [t('experts.payable'), e.payable],
    [t('experts.atGateway'), e.at_gateway],
    [t('experts.owesBack'), e.owes_back],
  ] as const
  return (
    <div className="flex flex-col gap-4">
      <Card title={t('experts.money')}>
        <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1.5">
          {sums.flatMap(([name, all], i) =>
            all.map((m) => [
              <dt key={`${i}${m.currency}n`} className="text-muted">{name}</dt>,
              <dd key={`${i}${m.currency}`} className="figures text-end font-semibold whitespace-nowrap">{f.exact(m)}</dd>,
            ]),
          )}
        </dl>
        {sums.every(([, all]) => all.length === 0) && <p className="text-muted">{t('experts.nothing')}</p>}
      </Card>
      <Card
        title={t('experts.bank')}
        act={can(me, 'payout.make') && <Button size="sm" className="min-h-11 sm:min-h-9" onClick={() => set(true)}>{t(e.number ? 'experts.change' : 'experts.set')}</Button>}
      >
        {e.number ? (
          <>
            <p className="font-semibold break-words"><bdi>{e.holder}</bdi></p>
            <p><bdi dir="ltr" className="figures break-all">{e.number}</bdi></p>
            {e.number_at && <p className="text-sm text-muted">{t('experts.since', { date: when.short(e.number_at) })}</p>}
          </>
        ) : (
          <p className="text-muted">{t('experts.noNumberHint')}</p>
        )}
      </Card>
      <AccountCard expert={e} onChange={onChange} />
      <Card title={t('experts.payouts')}>
        {e.payouts.length === 0 && <p className="text-muted">{t('experts.noPayouts')}</p>}
        <ul className="-mx-4 divide-y divide-edge">
          {e.payouts.map((p) => (
            <li key={p.run}>
              <Link href={`/finance/payouts/${p.run}`} className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 hover:bg-sunken">
                <span className="text-sm text-muted"><bdi>{when.short(p.at)}</bdi></span>
                <span className="min-w-0 flex-1 text-sm">{p.rail && t(`payouts.rail.${p.rail}`)}</span>
                <Chip tone={lineTone[p.state]}>{t(`payouts.line.${p.state}`)}</Chip>
                <bdi className="figures font-semibold whitespace-nowrap">{f.exact(p.amount)}</bdi>
              </Link>
            </li>
          ))}
        </ul>
      </Card>
      {e.acts.length > 0 && (
        <Card title={t('experts.history')}>
          <ul data-testid="acts" className="flex flex-col gap-2">
            {e.acts.map((a, i) => (
              <li key={i} className="text-sm">
                <span className="font-semibold">{t(a.action === 'seller.open' ? 'experts.opened' : 'experts.numberSet')}</span> {a.number && <bdi dir="ltr" className="figures">{a.number}</bdi>}
                <span className="block text-muted">{when.short(a.at)}{a.by && <> · <bdi>{a.by}</bdi></>}</span>
              </li>
            ))}
          </ul>
        </Card>
      )}
      {setting && <BankSheet expert={e} onClose={() => set(false)} onDone={onChange} />}
    </div>
  )
}

export function Card({ title, act, children }: { title: string; act?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title} className="rounded-card border border-edge bg-surface p-4">
      <div className="mb-2 flex flex-wrap items-center gap-3">
        <h2 className="text-lg font-bold">{title}</h2>
        <div className="ms-auto flex flex-wrap gap-2">{act}</div>
      </div>
      {children}
    </section>
  )
}
