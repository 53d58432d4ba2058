import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useFormats, useHttp, useNow } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Sheet } from '../design/Sheet'
import { readMeter } from './clock'
import type { SessionDoc } from './types'

/** The last question before a call is over. */
export function EndSheet({ session, doc, onClose }: { session: string; doc: SessionDoc; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const m = readMeter(doc, useNow(1_000))
  const end = useAction(useCallback((_: null, key: string) => http.post(`/v1/sessions/${session}/end`, { key }), [http, session]), `end ${session}`)
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('call.endTitle')} description={t('call.endHint')}>
      <div className="flex flex-col gap-4">
        <p className="figures text-center text-2xl font-bold">
          <bdi>{f.countdown(m.seconds * 1000)}</bdi> · <bdi>{f.exact(m.cost)}</bdi>
        </p>
        {end.error !== null && <ErrorNote error={end.error} />}
        <Button kind="danger" size="lg" icon="hangUp" busy={end.busy} onClick={() => void end.act(null)}>
          {t('call.endNow')}
        </Button>
        <Button size="lg" onClick={onClose}>
          {t('call.stay')}
        </Button>
      </div>
    </Sheet>
  )
}
