import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { isProblem } from '../../api/problem'
import type { Money } from '../../api/types'
import { useFormats } from '../../app/context'
import { majorOf, minorOf } from '../../app/minor'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Field } from '../../design/Field'
import { Sheet } from '../../design/Sheet'
import { useCredit, type Credit } from './credits'

/** Credit goes back to a bank: how much, whereto and why. The server checks the number's own check digits. */
export function RefundSheet({ credit: c, onClose }: { credit: Credit; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const make = useCredit<{ amount: Money; holder: string; number: string; reason: string }>(`/v1/organisations/${c.organisation}/credits/refunds`)
  const currency = c.amount.currency
  const [amount, setAmount] = useState(majorOf(c.amount.amount, currency))
  const [holder, setHolder] = useState(c.name)
  const [number, setNumber] = useState('')
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const minor = minorOf(amount, currency)
  const fits = minor !== undefined && minor > 0 && minor <= c.amount.amount
  const badNumber = isProblem(make.error) && make.error.code === 'account_number_invalid'
  const missing = (text: string, least = 1) => (tried && text.trim().length < least ? t('credits.missing') : undefined)
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (!fits || holder.trim().length < 2 || number.trim().length < 10 || reason.trim() === '') return
    if (await make.act({ amount: { amount: minor, currency }, holder: holder.trim(), number: number.trim(), reason: reason.trim() })) onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('credits.refund')} description={t('credits.refundHint')}>
      <form className="flex flex-col gap-4" noValidate onSubmit={(e) => void submit(e)}>
        <Field
          label={t('credits.amount', { currency })}
          inputMode="decimal"
          dir="ltr"
          value={amount}
          onChange={(e) => setAmount(e.target.value)}
          error={fits ? undefined : t('credits.amountWrong', { left: f.exact(c.amount) })}
          required
        />
        <Field label={t('experts.holder')} value={holder} maxLength={70} autoComplete="off" onChange={(e) => setHolder(e.target.value)} error={missing(holder, 2)} required />
        <Field
          label={t('experts.number')}
          dir="ltr"
          value={number}
          maxLength={60}
          autoComplete="off"
          spellCheck={false}
          onChange={(e) => {
            setNumber(e.target.value)
            make.clear()
          }}
          error={badNumber ? t('experts.numberWrong') : missing(number, 10)}
          required
        />
        <Field label={t('credits.reason')} value={reason} maxLength={250} onChange={(e) => setReason(e.target.value)} error={missing(reason)} required />
        {make.error !== null && !badNumber && <ErrorNote error={make.error} />}
        <Button type="submit" kind="primary" size="lg" busy={make.busy}>
          {t('credits.prepare')}
        </Button>
      </form>
    </Sheet>
  )
}
