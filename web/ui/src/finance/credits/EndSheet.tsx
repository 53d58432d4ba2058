import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Field } from '../../design/Field'
import { Sheet } from '../../design/Sheet'
import { useCredit, type Refund } from './credits'

/** What became of a refund: the bank's reference of what was paid, or why it came back. */
export function EndSheet({ refund: r, returned, onClose }: { refund: Refund; returned: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const end = useCredit<{ returned: boolean; reference?: string; why?: string }>(`/v1/credit-refunds/${r.id}/end`)
  const [text, setText] = useState('')
  const [tried, setTried] = useState(false)
  const said = text.trim()
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (said !== '' && (await end.act(returned ? { returned, why: said } : { returned, reference: said }))) onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t(returned ? 'credits.returned' : 'credits.paid')} description={t(returned ? 'credits.returnedHint' : 'credits.paidHint')}>
      <form className="flex flex-col gap-4" noValidate onSubmit={(e) => void submit(e)}>
        <Field
          label={t(returned ? 'credits.reason' : 'credits.reference')}
          maxLength={returned ? 200 : 100}
          value={text}
          onChange={(e) => setText(e.target.value)}
          error={tried && said === '' ? t('credits.missing') : undefined}
          required
        />
        {end.error !== null && <ErrorNote error={end.error} />}
        <Button kind="primary" size="lg" type="submit" busy={end.busy}>
          {t(returned ? 'credits.returned' : 'credits.paid')}
        </Button>
      </form>
    </Sheet>
  )
}
