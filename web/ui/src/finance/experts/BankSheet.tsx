import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { isProblem } from '../../api/problem'
import { useAction } from '../../app/action'
import { useHttp } from '../../app/context'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Field } from '../../design/Field'
import { Sheet } from '../../design/Sheet'
import type { Expert } from './experts'

type Bank = { holder: string; number: string }

/** Where a bank brings an expert's money. The server checks the number's own check digits; what it was before is never shown whole. */
export function BankSheet({ expert: e, onClose, onDone }: { expert: Expert; onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const [holder, setHolder] = useState(e.holder ?? e.name)
  const [number, setNumber] = useState('')
  const save = useAction(useCallback((b: Bank, key: string) => http.post<Bank>(`/v1/experts/${e.id}/beneficiary`, { body: b, key }), [http, e.id]))
  const wrong = isProblem(save.error) && save.error.code === 'account_number_invalid'
  const ready = holder.trim().length >= 2 && number.trim().length >= 10
  const submit = async (ev: FormEvent) => {
    ev.preventDefault()
    if (!ready) return
    if (!(await save.act({ holder: holder.trim(), number: number.trim() }))) return
    onDone()
    onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('experts.bank')} description={t('experts.bankHint')}>
      <form className="flex flex-col gap-4" onSubmit={(ev) => void submit(ev)}>
        <Field label={t('experts.holder')} value={holder} maxLength={70} autoComplete="off" onChange={(ev) => setHolder(ev.target.value)} required />
        <Field
          label={t('experts.number')}
          hint={t('experts.numberHint')}
          dir="ltr"
          value={number}
          maxLength={60}
          autoComplete="off"
          spellCheck={false}
          onChange={(ev) => {
            setNumber(ev.target.value)
            save.clear()
          }}
          error={wrong ? t('experts.numberWrong') : undefined}
          required
        />
        {save.error !== null && !wrong && <ErrorNote error={save.error} />}
        <Button type="submit" kind="primary" size="lg" busy={save.busy} disabled={!ready}>
          {t('experts.save')}
        </Button>
      </form>
    </Sheet>
  )
}
