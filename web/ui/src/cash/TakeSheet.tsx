import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Money } from '../api/types'
import { useAction } from '../app/action'
import { useFormats, useHttp } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Field } from '../design/Field'
import { Icon } from '../design/icons'
import { Sheet } from '../design/Sheet'
import { minorOf } from '../app/minor'
import type { CashRider, Taking } from './types'

/** How much, then once more whether it is right, then a receipt to show: what is declared is the rider's at once. */
export function TakeSheet({ rider, most, onDone, onClose }: { rider: CashRider; most: Money; onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const [text, setText] = useState('')
  const [sure, setSure] = useState(false)
  const [tried, setTried] = useState(false)
  const [receipt, setReceipt] = useState<Taking | null>(null)
  const take = useAction(useCallback((v: { rider: string; amount: number }, key: string) => http.post<Taking>('/v1/cash/takings', { body: v, key }), [http]))
  const amount = minorOf(text, most.currency)
  const good = amount !== undefined && amount > 0 && amount <= most.amount
  const shown = f.money({ amount: amount ?? 0, currency: most.currency })
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (!good) return
    if (!sure) return setSure(true)
    const done = await take.act({ rider: rider.id, amount })
    if (!done) return
    setReceipt(done)
    onDone()
  }
  if (receipt) {
    return (
      <Sheet open onOpenChange={(o) => !o && onClose()} title={t('cash.receipt')}>
        <div role="status" className="flex flex-col items-center gap-3 py-4 text-center">
          <span className="grid size-14 place-items-center rounded-full bg-good-soft text-good">
            <Icon name="check" size={28} />
          </span>
          <p className="figures text-3xl font-bold">
            <bdi>{f.money(receipt.amount)}</bdi>
          </p>
          <p>{t('cash.receiptFor', { name: rider.name })}</p>
          <p className="text-sm text-muted">
            <bdi dir="ltr">{receipt.id.slice(-8)}</bdi>
          </p>
          <Button kind="primary" size="lg" onClick={onClose}>
            {t('cash.next')}
          </Button>
        </div>
      </Sheet>
    )
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={<bdi>{rider.name}</bdi>} description={rider.hint}>
      <form className="flex flex-col gap-4" onSubmit={(e) => void submit(e)} noValidate>
        <Field
          label={t('cash.amount', { currency: most.currency })}
          hint={t('cash.most', { most: f.money(most) })}
          error={tried && !good ? t('cash.badAmount') : undefined}
          value={text}
          onChange={(e) => (setText(e.target.value), setSure(false), take.clear())}
          inputMode="decimal"
          autoComplete="off"
          className="text-lg"
         
        />
        {sure && (
          <p role="status" className="rounded-control bg-held-soft p-3 font-medium text-held">
            {t('cash.sure', { amount: shown, name: rider.name })}
          </p>
        )}
        {take.error !== null && <ErrorNote error={take.error} />}
        <Button kind="primary" size="lg" type="submit" busy={take.busy}>
          {sure ? t('cash.confirm', { amount: shown }) : t('cash.check')}
        </Button>
      </form>
    </Sheet>
  )
}
