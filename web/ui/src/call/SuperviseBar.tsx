import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { can, useHttp, useMe } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Icon } from '../design/icons'
import { Control, Microphone, Written, type BarProps } from './Controls'

type Way = 'listen' | 'whisper' | 'barge'

/** What a supervisor does in a call: listens, whispers, takes part, leaves. What the provider or their rights do not allow is not there. */
export function SuperviseBar({ session, onLeave, onTransfer, doc, view, engine, ...chat }: BarProps & { session: string; onLeave: (() => void) | undefined; onTransfer?: () => void }) {
  const { t } = useTranslation()
  const me = useMe()
  const http = useHttp()
  const { act, busy, error } = useAction(useCallback((way: Way, key: string) => http.post(`/v1/sessions/${session}/${way}`, { key }), [http, session]))
  const texts = doc.modality === 'chat'
  const role = view.role === 'supervisor' || view.role === 'whisperer' ? view.role : 'observer'
  const now: Record<typeof role, Way> = { observer: 'listen', whisperer: 'whisper', supervisor: 'barge' }
  const may = (way: Way) => now[role] !== way && can(me, `session.${way}`) && (way !== 'whisper' || view.capabilities.includes('whisper'))
  return (
    <div className="safe-bottom flex flex-col items-center gap-x-6 gap-y-2 border-t border-edge bg-surface px-3 py-2 sm:flex-row sm:flex-wrap sm:justify-center" data-testid="supervise" data-role={role}>
      {error !== null && <ErrorNote error={error} className="w-full sm:mx-auto sm:max-w-2xl" />}
      <p className="flex items-center gap-2 text-sm font-semibold" role="status">
        <Icon name={role === 'observer' ? 'eye' : 'mic'} size={18} />
        {t(`call.supervise.now.${role}`)}
      </p>
      <div className="flex flex-wrap justify-center gap-2">
        {(['barge', 'whisper', 'listen'] as const).map(
          (way) =>
            may(way) && (
              <Button key={way} kind={way === 'barge' ? 'primary' : 'quiet'} busy={busy} onClick={() => void act(way)}>
                {t(`call.supervise.${way}`)}
              </Button>
            ),
        )}
      </div>
      <div role="toolbar" aria-label={t('call.controls')} className="flex justify-center gap-1 sm:gap-3">
        {!texts && role !== 'observer' && <Microphone view={view} engine={engine} />}
        {!texts && <Written {...chat} />}
        {onTransfer && <Control icon="people" label={t('call.transfer.control')} onClick={onTransfer} />}
        {onLeave && <Control icon="hangUp" label={t('call.supervise.leave')} end onClick={onLeave} />}
      </div>
    </div>
  )
}
