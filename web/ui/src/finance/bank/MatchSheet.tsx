import type { FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../../app/context'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Sheet } from '../../design/Sheet'
import { PickInvoices, usePicks } from '../receivables/PickInvoices'
import type { BankLine } from './types'
import { useMatch } from './WaitingLine'

/** What is left of a line is put on open invoices by hand, so much on each. */
export function MatchSheet({ line: l, onClose }: { line: BankLine; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const match = useMatch(l)
  const picks = usePicks({ amount: l.left, currency: l.amount.currency })
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    if (!picks.wrong && (await match.act(picks.pays))) onClose()
  }
  const left = f.exact(picks.of)
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('office.chooseInvoice')} description={t('office.chooseHint', { amount: left, payer: l.payer || t('office.nobodySays') })} place="side">
      <form className="flex flex-col gap-4" noValidate onSubmit={(e) => void submit(e)}>
        <PickInvoices picks={picks} none={t('office.nothingOwed')} />
        {picks.tooMuch && <p className="text-sm font-medium text-bad">{t('office.tooMuch', { left })}</p>}
        {match.error !== null && <ErrorNote error={match.error} />}
        <Button kind="primary" size="lg" type="submit" busy={match.busy} disabled={picks.wrong}>
          {t('office.accept', { amount: f.exact({ ...picks.of, amount: picks.sum }) })}
        </Button>
      </form>
    </Sheet>
  )
}
