import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../app/action'
import { useHttp } from '../../app/context'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Field } from '../../design/Field'
import { Segments } from '../../design/Segments'
import { Sheet } from '../../design/Sheet'
import type { Finding } from '../types'

type Decision = 'explained' | 'resolved'

/** Says what a finding was. Nothing is booked by it. */
export function DecideSheet({ finding: x, onClose }: { finding: Finding; onClose: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const cache = useQueryClient()
  const [state, setState] = useState<Decision>('explained')
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const run = useAction(useCallback((v: { state: Decision; reason: string }, key: string) => http.post<Finding>(`/v1/finance/findings/${x.id}/decide`, { body: v, key }), [http, x.id]))
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (reason.trim() === '') return
    if (!(await run.act({ state, reason: reason.trim() }))) return
    void cache.invalidateQueries({ queryKey: ['finance'] })
    onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('finance.decide')} description={t('finance.decideHint')}>
      <form className="flex flex-col gap-4" noValidate onSubmit={(e) => void submit(e)}>
        <Segments
          legend={t('finance.decision')}
          hideLegend
          value={state}
          onChange={setState}
          options={[
            { value: 'explained', label: t('finance.explain') },
            { value: 'resolved', label: t('finance.resolve') },
          ]}
        />
        <p className="text-sm text-muted">{t(state === 'explained' ? 'finance.explainMeaning' : 'finance.resolveMeaning')}</p>
        <Field label={t('finance.why')} maxLength={500} value={reason} onChange={(e) => setReason(e.target.value)} error={tried && reason.trim() === '' ? t('finance.whyMissing') : undefined} required />
        {run.error !== null && <ErrorNote error={run.error} />}
        <Button kind="primary" size="lg" type="submit" busy={run.busy}>
          {t(state === 'explained' ? 'finance.explain' : 'finance.resolve')}
        </Button>
      </form>
    </Sheet>
  )
}
