import { useTranslation } from 'react-i18next'
import { cx } from '../design/cx'
import { Icon } from '../design/icons'
import type { RemoteView } from './connections'
import type { CallView } from './engine'
import { Picture, Self, Sounds } from './Stage'
import type { SessionDoc } from './types'

/** Those of a conversation side by side, as whoever supervises it or is beside its expert sees them; above them what one of them shows. */
export function Pair({ doc, view }: { doc: SessionDoc; view: CallView }) {
  const { t } = useTranslation()
  const sides = (['client', 'expert', 'second'] as const).flatMap((role) => {
    const p = Object.values(doc.participants).find((x) => x.role === role)
    if (role === 'second' && (!p || view.role === role)) return []
    return { role, name: p?.name ?? t(`call.supervise.${role}`), here: p?.here === true, remote: view.remotes.find((r) => r.role === role) }
  })
  const screen = sides.flatMap((s) => (up(s.remote) && s.remote.sends.screen && s.remote.streams.get('screen')) || []).at(0)
  return (
    <div className="relative flex min-h-0 flex-1 flex-col gap-1 overflow-hidden p-1" data-testid="stage" data-connection={sides.every((s) => up(s.remote)) ? 'connected' : 'none'}>
      {screen && <Picture stream={screen} label={t('call.supervise.screen')} what="screen" className="min-h-0 w-full flex-1 object-contain" />}
      <div className={cx('flex min-h-0 gap-1', screen ? 'h-36 shrink-0' : 'flex-1 flex-col sm:flex-row')}>
        {sides.map((s) => (
          <Side key={s.role} {...s} small={screen !== undefined} talks={doc.modality === 'audio'} />
        ))}
      </div>
      {view.role === 'second' && view.local.camera && (
        <div className="absolute end-3 bottom-3">
          <Self track={view.local.camera} />
        </div>
      )}
      <Sounds others={view.remotes.filter(up)} />
    </div>
  )
}

const up = (r: RemoteView | undefined): r is RemoteView => r?.connection === 'connected'

function Side({ role, name, here, remote, small, talks }: { role: 'client' | 'expert' | 'second'; name: string; here: boolean; remote: RemoteView | undefined; small: boolean; talks: boolean }) {
  const { t } = useTranslation()
  const camera = up(remote) && remote.sends.camera ? remote.streams.get('camera') : undefined
  const state = !here ? 'absent' : !up(remote) ? 'connecting' : !talks && !camera ? 'cameraOff' : null
  return (
    <section aria-label={t('call.supervise.side', { role: t(`call.supervise.${role}`), name })} className="relative min-h-0 min-w-0 flex-1 overflow-hidden rounded-control bg-raised" data-side={role} data-connection={remote?.connection ?? 'none'}>
      {camera ? (
        <Picture stream={camera} label={t('call.supervise.picture', { name })} what={role} className="size-full object-cover" />
      ) : (
        <div className="grid size-full place-items-center p-3">
          <span className={cx('grid place-items-center rounded-full bg-brand-soft text-brand', small ? 'size-14' : 'size-24', !up(remote) && 'animate-breathe')}>
            <Icon name="user" size={small ? 28 : 44} />
          </span>
        </div>
      )}
      <p className="absolute start-2 bottom-2 flex max-w-[calc(100%-1rem)] flex-wrap items-center gap-x-2 rounded-control bg-surface px-2.5 py-1 text-sm shadow-card">
        <bdi className="truncate font-semibold">{name}</bdi>
        <span className="text-muted">{t(`call.supervise.${role}`)}</span>
        {state && <span className="text-muted">· {t(state === 'absent' ? 'call.supervise.absent' : state === 'connecting' ? 'call.connecting' : 'call.cameraOff')}</span>}
        {up(remote) && !remote.sends.microphone && (
          <span className="inline-flex items-center gap-1 text-muted">
            <Icon name="micOff" size={14} />
            {t('call.supervise.muted')}
          </span>
        )}
      </p>
    </section>
  )
}
