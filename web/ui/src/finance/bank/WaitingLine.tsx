import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../app/action'
import { useFormats, useHttp } from '../../app/context'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { MatchSheet } from './MatchSheet'
import type { BankLine, Pay } from './types'

/** Money in suspense: the invoices that it may pay, the likeliest first, each a press away; or one that a person finds. */
export function WaitingLine({ line: l, may }: { line: BankLine; may: boolean }) {
  const { t } = useTranslation()
  const f = useFormats()
  const match = useMatch(l.id)
  const [choosing, setChoosing] = useState(false)
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
        {l.matches.length === 0 && <p className="text-sm text-muted">{t('office.noMatch')}</p>}
        {l.matches.slice(0, 3).map((m) => {
          const numbers = m.pays.map((p) => p.number).join(', ')
          return (
            <div key={numbers} className="flex flex-wrap items-center gap-x-3 gap-y-1">
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
        {may && (
          <Button size="sm" kind="plain" className="min-h-11 self-start text-brand sm:min-h-9" onClick={() => setChoosing(true)}>
            {t('office.chooseInvoice')}
          </Button>
        )}
        {match.error !== null && <ErrorNote error={match.error} />}
      </div>
      {choosing && <MatchSheet line={l} onClose={() => setChoosing(false)} />}
    </li>
  )
}

const total = (pays: readonly Pay[]) => pays.reduce((sum, p) => sum + p.amount, 0)

/** Lets a line pay invoices, once; whatever is shown of both is then asked for again. */
export function useMatch(line: string) {
  const http = useHttp()
  const cache = useQueryClient()
  return useAction(
    useCallback(
      async (pays: Pay[], key: string) => {
        await http.post<void>(`/v1/bank/lines/${line}/match`, { body: { pays: pays.map((p) => ({ invoice: p.invoice, amount: p.amount })) }, key })
        for (const k of ['bank', 'invoices', 'receivables']) void cache.invalidateQueries({ queryKey: [k] })
        return true
      },
      [http, line, cache],
    ),
  )
}
