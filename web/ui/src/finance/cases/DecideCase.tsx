import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useId, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Money } from '../../api/types'
import { useAction } from '../../app/action'
import { useFormats, useHttp, useMe } from '../../app/context'
import type { Case, Decision } from '../../cases/types'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Field, inputLook, Select } from '../../design/Field'
import { Sheet } from '../../design/Sheet'
import { majorOf, minorOf } from '../../app/minor'

type Wish = { decision: Decision; answer: string; amount?: Money }

/** Ends a case: what is decided, how much it moves, and what the person reads. */
export function DecideCase({ case: c, onClose }: { case: Case; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const me = useMe()
  const id = useId()
  const cache = useQueryClient()
  const line = c.subject.startsWith('invoice/')
  const ways: Decision[] = line ? ['credit', 'declined'] : c.about?.refundable === false ? ['goodwill', 'declined'] : ['goodwill', 'refund', 'declined']
  const currency = c.about?.amount.currency || me.tenant.currency
  const most = Math.abs((c.about?.share ?? c.about?.amount)?.amount ?? 0) // what an employer bore is not the rider's to get
  const [decision, setDecision] = useState<Decision>(ways[0] ?? 'declined')
  const [text, setText] = useState(() => (most > 0 ? majorOf(most, currency) : ''))
  const [answer, setAnswer] = useState('')
  const [tried, setTried] = useState(false)
  const run = useAction(
    useCallback(
      async (body: Wish, key: string) => {
        await http.post<void>(`/v1/cases/${c.id}/decide`, { body, key })
        for (const k of ['cases', 'invoices', 'receivables', 'credits']) void cache.invalidateQueries({ queryKey: [k] })
        return true
      },
      [http, c.id, cache],
    ),
  )
  const amount = minorOf(text, currency)
  const wrong = decision !== 'declined' && (amount === undefined || amount < 1 || (decision !== 'goodwill' && most > 0 && amount > most))
  const missing = tried && answer.trim() === ''
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (wrong || answer.trim() === '') return
    const done = await run.act({ decision, answer: answer.trim(), ...(decision === 'declined' ? {} : { amount: { amount: amount ?? 0, currency } }) })
    if (done) onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('office.decideCase')} description={t('office.decideCaseHint')}>
      <form className="flex flex-col gap-4" noValidate onSubmit={(e) => void submit(e)}>
        <Select label={t('finance.decision')} value={decision} onChange={(e) => setDecision(e.target.value as Decision)}>
          {ways.map((w) => (
            <option key={w} value={w}>
              {t(`cases.decision.${w}`)}
            </option>
          ))}
        </Select>
        <p className="text-sm text-muted">{t(`office.meaning.${decision}`)}</p>
        {decision !== 'declined' && (
          <Field
            label={t('finance.amount', { currency })}
            inputMode="decimal"
            dir="ltr"
            value={text}
            onChange={(e) => setText(e.target.value)}
            error={tried && wrong ? (decision !== 'goodwill' && most > 0 ? t('finance.amountWrong', { left: f.exact({ amount: most, currency }) }) : t('payouts.minimumWrong')) : undefined}
            required
          />
        )}
        {decision === 'credit' && c.about?.net && <p className="text-sm text-muted">{t('office.netSum')}</p>}
        <div className="flex flex-col gap-1.5">
          <label htmlFor={id} className="text-sm font-semibold">
            {t('office.answer')}
          </label>
          <textarea id={id} rows={3} maxLength={2000} className={`${inputLook} py-2.5`} value={answer} onChange={(e) => setAnswer(e.target.value)} aria-invalid={missing || undefined} aria-describedby={missing ? `${id}-e` : undefined} required />
          {missing && (
            <p id={`${id}-e`} className="text-sm font-medium text-bad">
              {t('office.answerMissing')}
            </p>
          )}
        </div>
        {run.error !== null && <ErrorNote error={run.error} />}
        <Button kind="primary" size="lg" type="submit" busy={run.busy}>
          {decision === 'declined' || wrong ? t(`cases.decision.${decision}`) : t('office.decideFor', { how: t(`cases.decision.${decision}`), amount: f.exact({ amount: amount ?? 0, currency }) })}
        </Button>
      </form>
    </Sheet>
  )
}
