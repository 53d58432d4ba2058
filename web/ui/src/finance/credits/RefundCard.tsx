import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { can, useFormats, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Chip, ErrorNote } from '../../design/feedback'
import { Sure } from '../Sure'
import { useWhen } from '../when'
import { tone, useCredit, type Refund } from './credits'
import { EndSheet } from './EndSheet'

/** Credit that goes back to a bank: one person prepared it, another approves it, then somebody says what became of it. */
export function RefundCard({ refund: r }: { refund: Refund }) {
  const { t } = useTranslation()
  const f = useFormats()
  const when = useWhen()
  const me = useMe()
  const [sheet, setSheet] = useState<'approve' | 'paid' | 'returned' | null>(null)
  const approve = useCredit(`/v1/credit-refunds/${r.id}/approve`)
  const discard = useCredit(`/v1/credit-refunds/${r.id}/discard`)
  const mine = r.made_by === me.id
  const makes = can(me, 'payout.make')
  const close = () => setSheet(null)
  return (
    <li className="flex flex-col gap-2 rounded-card border border-edge bg-surface px-4 py-3" data-testid="refund">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h3 className="font-semibold">
          <bdi>{r.name}</bdi>
        </h3>
        <Chip tone={tone[r.state]}>{t(`credits.state.${r.state}`)}</Chip>
        <bdi className="figures ms-auto font-bold">{f.exact(r.amount)}</bdi>
      </div>
      <p className="text-sm">
        <bdi>{r.holder}</bdi> ·{' '}
        <code dir="ltr" className="break-all">
          {r.number}
        </code>
        {r.reference && (
          <>
            {' '}
            · <bdi>{r.reference}</bdi>
          </>
        )}
      </p>
      <p className="text-sm text-muted">
        <bdi>{r.reason}</bdi> · {t('credits.by', { name: r.made_by_name, when: when.short(r.made_at) })}
        {r.approved_by_name && ` · ${t('credits.approvedBy', { name: r.approved_by_name })}`}
        {r.problem && ` · ${r.problem}`}
      </p>
      <div className="flex flex-wrap items-center gap-2 empty:hidden">
        {r.state === 'draft' && can(me, 'payout.approve') && (
          <Button kind="primary" icon="check" disabled={mine} onClick={() => setSheet('approve')}>
            {t('credits.approve')}
          </Button>
        )}
        {r.state === 'draft' && makes && (
          <Button busy={discard.busy} onClick={() => void discard.act(null)}>
            {t('credits.discard')}
          </Button>
        )}
        {r.state === 'draft' && mine && <p className="text-sm text-muted">{t('credits.own')}</p>}
        {r.state === 'approved' && makes && (
          <Button kind="primary" onClick={() => setSheet('paid')}>
            {t('credits.paid')}
          </Button>
        )}
        {(r.state === 'approved' || r.state === 'paid') && makes && <Button onClick={() => setSheet('returned')}>{t('credits.returned')}</Button>}
      </div>
      {discard.error !== null && <ErrorNote error={discard.error} />}
      {sheet === 'approve' && (
        <Sure
          title={t('credits.approve')}
          hint={t('credits.approveSure', { amount: f.exact(r.amount), holder: r.holder, number: r.number })}
          act={t('credits.approve')}
          busy={approve.busy}
          error={approve.error}
          onSure={async () => {
            if (await approve.act(null)) close()
          }}
          onClose={close}
        />
      )}
      {(sheet === 'paid' || sheet === 'returned') && <EndSheet refund={r} returned={sheet === 'returned'} onClose={close} />}
    </li>
  )
}
