import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../../app/context'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { useWhen } from '../when'
import { useDesk } from './desk'
import { DoneParts } from './DoneParts'
import { MatchSheet } from './MatchSheet'
import type { BankLine, Pay } from './types'
import { WhySheet } from './WhySheet'

/** Money in suspense: the invoices that it may pay, the likeliest first, or what a gateway paid out, each a press away; or one that a person finds. */
export function WaitingLine({ line: l, may, settled: known = false }: { line: BankLine; may: boolean; settled?: boolean }) {
  const { t } = useTranslation()
  const f = useFormats()
  const when = useWhen()
  const match = useMatch(l)
  const payout = useDesk<{ payout: string }>(l.id, 'payout')
  const aside = useDesk<{ reason: string }>(l.id, 'aside')
  const back = useDesk<Record<string, never>>(l.id, 'back')
  const [choosing, setChoosing] = useState(false)
  const [asiding, setAsiding] = useState(false)
  const waits = l.left > 0 && !l.aside
  const money = (amount: number) => f.exact({ amount, currency: l.amount.currency })
  return (
    <li data-testid="bank-line" className="grid gap-x-6 gap-y-3 px-4 py-3 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.2fr)]">
      <div className="flex min-w-0 items-start gap-4">
        <div className="min-w-0 flex-1">
          <p className="font-semibold">
            <bdi>{l.payer || t('office.nobodySays')}</bdi>
          </p>
          <p className="text-sm break-words text-muted">
            {f.dayMonth(l.booked)} · <bdi>{l.text}</bdi>
          </p>
        </div>
        <p className="text-end">
          <bdi className="figures block font-semibold">{money(l.amount.amount)}</bdi>
          {l.left !== l.amount.amount && <span className="figures block text-sm text-muted">{t('office.leftOf', { amount: money(l.left) })}</span>}
        </p>
      </div>
      <div className="flex min-w-0 flex-col gap-2">
        <DoneParts line={l} may={may} />
        {l.aside && (
          <p className="text-sm break-words">{t('bankDesk.asideBy', { name: l.aside.by, when: when.short(l.aside.at), why: l.aside.reason })}</p>
        )}
        {l.aside && may && (
          <Button size="sm" className="min-h-11 self-start sm:min-h-9" busy={back.busy} aria-label={t('bankDesk.backOf', { payer: l.payer || t('office.nobodySays'), amount: money(l.left) })} onClick={() => void back.act({})}>
            {t('bankDesk.back')}
          </Button>
        )}
        {(l.payouts ?? []).map((p) => (
          <div key={p.id} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="min-w-0 flex-1 basis-44">
              <span className="block font-semibold">{t('bankDesk.payout', { gateway: p.gateway, amount: f.money(p.amount), day: when.short(p.at) })}</span>
              <span className="block text-sm text-muted">{t('bankDesk.payoutHint')}</span>
            </span>
            {may && (
              <Button size="sm" icon="check" className="min-h-11 sm:min-h-9" busy={payout.busy} aria-label={t('bankDesk.itIsOf', { gateway: p.gateway, amount: f.money(p.amount) })} onClick={() => void payout.act({ payout: p.id })}>
                {t('bankDesk.itIs')}
              </Button>
            )}
          </div>
        ))}
        {waits && !known && l.matches.length === 0 && !l.payouts?.length && <p className="text-sm text-muted">{t('office.noMatch')}</p>}
        {l.matches.slice(0, 3).map((m) => {
          const numbers = numbersOf(m.pays)
          return (
            <div key={m.pays.map((p) => p.invoice).join()} className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <span className="min-w-0 flex-1 basis-44">
                <bdi className="figures block font-semibold">{numbers}</bdi>
                <span className="block text-sm text-muted">{m.why.map((w) => t(`office.match.${w}`)).join(' · ')}</span>
              </span>
              {may && (
                <Button size="sm" icon="check" className="min-h-11 sm:min-h-9" busy={match.busy} aria-label={t('office.acceptOf', { numbers, amount: money(total(m.pays)) })} onClick={() => void match.act(m.pays)}>
                  {t('office.accept', { amount: money(total(m.pays)) })}
                </Button>
              )}
            </div>
          )
        })}
        {may && waits && (
          <div className="flex flex-wrap gap-x-4">
            <Button size="sm" kind="plain" className="min-h-11 text-brand sm:min-h-9" onClick={() => setChoosing(true)}>
              {t('office.chooseInvoice')}
            </Button>
            <Button size="sm" kind="plain" className="min-h-11 text-brand sm:min-h-9" aria-label={t('bankDesk.setAsideOf', { payer: l.payer || t('office.nobodySays'), amount: money(l.left) })} onClick={() => setAsiding(true)}>
              {t('bankDesk.setAside')}
            </Button>
          </div>
        )}
        {[match, payout, back].map((a, n) => a.error !== null && <ErrorNote key={n} error={a.error} />)}
      </div>
      {asiding && (
        <WhySheet
          title={t('bankDesk.setAside')}
          hint={t('bankDesk.setAsideHint')}
          act={t('bankDesk.setAside')}
          busy={aside.busy}
          error={aside.error}
          onSure={async (reason) => {
            if (await aside.act({ reason })) setAsiding(false)
          }}
          onClose={() => setAsiding(false)}
        />
      )}
      {choosing && <MatchSheet line={l} onClose={() => setChoosing(false)} />}
    </li>
  )
}

/** Which invoices: each, or of many the first and the last with how many they are. */
const numbersOf = (pays: readonly Pay[]) =>
  pays.length > 4 ? `${pays[0]?.number} … ${pays.at(-1)?.number} (${pays.length})` : pays.map((p) => p.number).join(', ')

const total = (pays: readonly Pay[]) => pays.reduce((sum, p) => sum + p.amount, 0)

/** Lets a line pay invoices, as far as it is what was seen of it. */
export function useMatch(line: BankLine) {
  const desk = useDesk<{ pays: Pay[]; left: number }>(line.id, 'match')
  return { ...desk, act: (pays: Pay[]) => desk.act({ pays: pays.map((p) => ({ invoice: p.invoice, amount: p.amount })), left: line.left }) }
}
