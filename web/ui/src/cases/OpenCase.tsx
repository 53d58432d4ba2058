import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useId, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useHttp } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { inputLook, Select } from '../design/Field'
import { Sheet } from '../design/Sheet'
import { Attach } from './Evidence'
import { reasons, type Case, type Reason } from './types'

type Wish = { subject: string; reason: Reason; says: string }

/** Somebody says what was wrong with a ride, or with a line of an invoice. */
export function OpenCase({ subject, about, onClose }: { subject: string; about: string; onClose: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const id = useId()
  const cache = useQueryClient()
  const [reason, setReason] = useState<Reason>('not_delivered')
  const [says, setSays] = useState('')
  const [tried, setTried] = useState(false)
  const [done, setDone] = useState<Case | null>(null)
  const open = useAction(useCallback((body: Wish, key: string) => http.post<Case>('/v1/cases', { body, key }), [http]))
  const missing = tried && says.trim() === ''
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (says.trim() === '') return
    const made = await open.act({ subject, reason, says: says.trim() })
    if (!made) return
    setDone(made)
    void cache.invalidateQueries({ queryKey: ['cases'] })
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('cases.open')} description={about}>
      {done ? (
        <div className="flex flex-col gap-4">
          <p role="status">{t('cases.opened')}</p>
          <p className="text-sm text-muted">{t('cases.attachHint')}</p>
          <Attach narrow of={done.id} onDone={onClose} />
          <Button size="lg" onClick={onClose}>
            {t('action.close')}
          </Button>
        </div>
      ) : (
        <form className="flex flex-col gap-4" noValidate onSubmit={(e) => void submit(e)}>
          <Select label={t('cases.what')} value={reason} onChange={(e) => setReason(e.target.value as Reason)}>
            {reasons.map((r) => (
              <option key={r} value={r}>
                {t(`cases.reason.${r}`)}
              </option>
            ))}
          </Select>
          <div className="flex flex-col gap-1.5">
            <label htmlFor={id} className="text-sm font-semibold">
              {t('cases.says')}
            </label>
            <textarea id={id} rows={4} maxLength={2000} className={`${inputLook} py-2.5`} value={says} onChange={(e) => setSays(e.target.value)} aria-invalid={missing || undefined} aria-describedby={missing ? `${id}-e` : undefined} required />
            {missing && (
              <p id={`${id}-e`} className="text-sm font-medium text-bad">
                {t('cases.saysMissing')}
              </p>
            )}
          </div>
          {open.error !== null && <ErrorNote error={open.error} />}
          <Button kind="primary" size="lg" type="submit" busy={open.busy}>
            {t('cases.submit')}
          </Button>
        </form>
      )}
    </Sheet>
  )
}
