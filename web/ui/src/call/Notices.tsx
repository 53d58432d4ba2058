import { useTranslation } from 'react-i18next'
import { useFormats, useMe, useNow } from '../app/context'
import { Button } from '../design/Button'
import { readMeter } from './clock'
import type { CallEngine, CallView } from './engine'
import { Notice } from './Notice'
import { SecondNotice } from './Second'
import { TransferNotice } from './Transfer'
import { isSide, type SessionDoc } from './types'

const ALMOST_S = 60

/** What both should know now: why the meter stands, that the money ends, which device is missing. The most pressing first. */
export function Notices({ session, doc, view, engine }: { session: string; doc: SessionDoc; view: CallView; engine: CallEngine }) {
  const { t } = useTranslation()
  const f = useFormats()
  const now = useNow(1_000, doc.meter.running_since !== undefined)
  const { left, running } = readMeter(doc, now, view.countedTo)
  const other = view.role === 'expert' ? 'client' : 'expert'
  const { microphone, camera, screen } = view.local.trouble
  const me = useMe().id
  const watched = [...new Set(Object.entries(doc.participants).flatMap(([user, p]) => (user !== me && p.here && !isSide(p.role) && p.role !== 'second' ? [p.role] : [])))]
  const theirs = view.remotes.find((r) => r.role === other)?.hears
  const supervises = view.role !== null && !isSide(view.role)
  return (
    <div className="pointer-events-none absolute inset-x-0 top-0 z-10 flex flex-col items-center gap-2 p-3" role="status" aria-live="polite">
      {watched.map((role) => (
        <Notice key={role} tone="held" icon="people" testid={`supervised-${role}`}>
          {t(`call.supervised.${role}`)}
        </Notice>
      ))}
      <SecondNotice session={session} doc={doc} role={view.role} />
      <TransferNotice session={session} doc={doc} role={view.role} />
      {!view.linked && <Notice tone="held" icon="offline">{t('call.offline')}</Notice>}
      {view.unable && <Notice tone="bad" icon="offline">{t('call.unable')}</Notice>}
      {view.linked && doc.state === 'reconnecting' && <Notice tone="held" icon="clock">{t(supervises ? 'call.supervise.away' : `call.waitsFor.${other}`)}</Notice>}
      {doc.state === 'interrupted' && <Notice tone="held" icon="clock">{t(view.local.taken ? 'call.takenHere' : 'call.takenThere')}</Notice>}
      {running && left <= ALMOST_S && <Notice tone="bad" icon="clock">{t('call.almost', { time: f.countdown(left * 1000) })}</Notice>}
      {microphone && (
        <Notice tone="bad" icon="micOff" action={<Button size="sm" onClick={() => void engine.local.take('microphone')}>{t('action.retry')}</Button>}>
          {t(`call.trouble.microphone.${microphone}`)}
        </Notice>
      )}
      {camera && doc.modality === 'video' && (
        <Notice tone="held" icon="cameraOff" action={<Button size="sm" onClick={() => void engine.local.take('camera')}>{t('action.retry')}</Button>}>
          {t(`call.trouble.camera.${camera}`)}
        </Notice>
      )}
      {screen && <Notice tone="held" icon="screen">{t('call.trouble.screen')}</Notice>}
      {running && !supervises && theirs === 'poor' && <Notice tone="held" icon="signal">{t('call.theyHearPoorly')}</Notice>}
    </div>
  )
}
