import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../app/action'
import { useFormats, useHttp } from '../../app/context'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Field } from '../../design/Field'
import { Sheet } from '../../design/Sheet'
import { majorOf, minorOf } from '../../app/minor'
import type { Asked, Story } from '../types'

/** Gives back, at most what is left; of a pass all of it, which ends it. What will happen is said before it does. */
export function RefundSheet({ payment: p, onClose }: { payment: Story; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const [text, setText] = useState(() => majorOf(p.left, p.currency))
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const run = useAction(useCallback((v: { amount?: number; reason: string }, key: string) => http.post<Asked>(`/v1/finance/payments/${p.id}/refund`, { body: v, key }), [http, p.id]))
  const left = f.exact({ amount: p.left, currency: p.currency })
  const whole = p.subject.startsWith('pass/')
  const amount = whole ? p.left : minorOf(text, p.currency)
  const wrong = amount === undefined || amount < 1 || amount > p.left
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (wrong || reason.trim() === '') return
    const done = await run.act(whole ? { reason: reason.trim() } : { amount, reason: reason.trim() })
    if (!done) return
    void cache.invalidateQueries({ queryKey: ['finance'] })
    onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('finance.refund')} description={t(whole ? 'office.refundPassHint' : 'finance.refundHint', { name: p.payer_name, left })}>
      <form className="flex flex-col gap-4" noValidate onSubmit={(e) => void submit(e)}>
        {!whole && <Field label={t('finance.amount', { currency: p.currency })} inputMode="decimal" dir="ltr" value={text} onChange={(e) => setText(e.target.value)} error={tried && wrong ? t('finance.amountWrong', { left }) : undefined} required />}
        <Field label={t('finance.why')} maxLength={200} value={reason} onChange={(e) => setReason(e.target.value)} error={tried && reason.trim() === '' ? t('finance.whyMissing') : undefined} required />
        {run.error !== null && <ErrorNote error={run.error} />}
        <Button kind="primary" size="lg" type="submit" busy={run.busy}>
          {wrong ? t('finance.refund') : t('finance.refundSubmit', { amount: f.exact({ amount, currency: p.currency }) })}
        </Button>
      </form>
    </Sheet>
  )
}
