import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../app/action'
import { can, useFormats, useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Chip, ErrorNote } from '../../design/feedback'
import { useWhen } from '../when'
import { lineTone, type Payout, type PayoutLine } from './payouts'

type End = { line: string; returned: boolean }

export function PayoutLines({ payout, onChange }: { payout: Payout; onChange: (p: Payout) => Payout }) {
  const { t } = useTranslation()
  const http = useHttp()
  const end = useAction(
    useCallback(
      (e: End, key: string) => http.post<Payout>(`/v1/payout-lines/${e.line}/end`, { body: { returned: e.returned }, key }).then(onChange),
      [http, onChange],
    ),
  )
  return (
    <>
      {end.error !== null && <ErrorNote error={end.error} className="mb-3" />}
      <ul aria-label={t('payouts.lines')} className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
        {(payout.lines ?? []).map((l) => (
          <Line key={l.id} line={l} payout={payout} busy={end.busy} onEnd={(returned) => void end.act({ line: l.id, returned })} />
        ))}
      </ul>
    </>
  )
}

function Line({ line: l, payout, busy, onEnd }: { line: PayoutLine; payout: Payout; busy: boolean; onEnd: (returned: boolean) => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const me = useMe()
  const when = useWhen()
  const money = (amount: number) => f.exact({ amount, currency: payout.minimum.currency })
  const hand = payout.rail === 'bank-file' && can(me, 'payout.make')
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-56">
        <p className="truncate font-semibold">{l.name}</p>
        <p className="text-sm text-muted">
          {l.holder} <bdi dir="ltr" className="figures whitespace-nowrap">{l.number}</bdi>
        </p>
        {l.changed && (
          <p className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
            <Chip tone="held">{t(l.first ? 'payees.first' : 'payees.changed')}</Chip>
            {(l.sets ?? []).slice(0, 3).map((s) => (
              <span key={s.at}>{t('payees.set', { name: s.name, when: when.short(s.at) })}</span>
            ))}
          </p>
        )}
        {l.shared && <p className="mt-1 text-sm font-medium text-bad">{t('payees.shared', { names: l.shared })}</p>}
        {l.recovered > 0 && <p className="text-sm text-muted">{t('payouts.recovered', { owed: money(l.owed), back: money(l.recovered) })}</p>}
        {l.problem && <p className="text-sm font-medium text-bad">{t('payouts.problem', { why: l.said ?? l.problem })}</p>}
      </div>
      <span className="figures font-semibold">{money(l.amount)}</span>
      <Chip tone={lineTone[l.state]}>{t(`payouts.line.${l.state}`)}</Chip>
      {hand && (l.state === 'sent' || l.state === 'confirmed') && (
        <div className="flex w-full gap-2 sm:w-auto">
          {l.state === 'sent' && (
            <Button size="sm" icon="check" className="min-h-11 flex-1 sm:min-h-9" disabled={busy} aria-label={t('payouts.confirmOf', { name: l.name })} onClick={() => onEnd(false)}>
              {t('payouts.confirm')}
            </Button>
          )}
          <Button size="sm" className="min-h-11 flex-1 sm:min-h-9" disabled={busy} aria-label={t('payouts.returnOf', { name: l.name })} onClick={() => onEnd(true)}>
            {t('payouts.return')}
          </Button>
        </div>
      )}
    </li>
  )
}
