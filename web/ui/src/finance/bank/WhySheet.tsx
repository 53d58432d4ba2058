import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Field } from '../../design/Field'
import { Sheet } from '../../design/Sheet'

/** What needs a reason is asked for one. */
export function WhySheet({ title, hint, act, busy, error, onSure, onClose }: {
  title: string
  hint: string
  act: string
  busy: boolean
  error: unknown
  onSure: (reason: string) => Promise<void>
  onClose: () => void
}) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const missing = reason.trim() === ''
  const submit = (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (!missing) void onSure(reason.trim())
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={title} description={hint}>
      <form className="flex flex-col gap-4" noValidate onSubmit={submit}>
        <Field label={t('bankDesk.why')} maxLength={250} value={reason} onChange={(e) => setReason(e.target.value)} error={tried && missing ? t('bankDesk.whyMissing') : undefined} required />
        {error !== null && <ErrorNote error={error} />}
        <Button kind="primary" size="lg" type="submit" busy={busy}>
          {act}
        </Button>
      </form>
    </Sheet>
  )
}
