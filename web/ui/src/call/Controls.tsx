import { useTranslation } from 'react-i18next'
import { cx } from '../design/cx'
import { Icon, type IconName } from '../design/icons'
import { canShareScreen } from './devices'
import type { CallEngine, CallView } from './engine'
import type { SessionDoc } from './types'

export type BarProps = { doc: SessionDoc; view: CallView; engine: CallEngine; chat: boolean; unread: number; onChat: () => void }
type Props = BarProps & { onEnd?: () => void; onLeave?: (() => void) | undefined; onTransfer?: () => void }

/** What one does in a call, at the thumb. */
export function Controls({ doc, view, engine, chat, unread, onChat, onEnd, onLeave, onTransfer }: Props) {
  const { t } = useTranslation()
  const { camera, screen } = view.local
  const texts = doc.modality === 'chat'
  return (
    <div role="toolbar" aria-label={t('call.controls')} className="safe-bottom flex justify-center gap-1 border-t border-edge bg-surface px-2 py-2 sm:gap-3">
      {!texts && <Microphone view={view} engine={engine} />}
      {doc.modality === 'video' && <Control icon={camera ? 'camera' : 'cameraOff'} label={t(camera ? 'call.filmOff' : 'call.filmOn')} off={!camera} onClick={() => void engine.local.film(!camera)} />}
      {doc.modality === 'video' && canShareScreen() && <Control icon="screen" label={t(screen ? 'call.unshare' : 'call.share')} on={screen !== null} onClick={() => void engine.local.share(!screen)} />}
      {!texts && <Written chat={chat} unread={unread} onChat={onChat} />}
      {onTransfer && <Control icon="people" label={t('call.transfer.control')} onClick={onTransfer} />}
      {onEnd && <Control icon="hangUp" label={t('call.end')} end onClick={onEnd} />}
      {onLeave && <Control icon="hangUp" label={t('call.supervise.leave')} end onClick={onLeave} />}
    </div>
  )
}

export function Microphone({ view, engine }: Pick<BarProps, 'view' | 'engine'>) {
  const { t } = useTranslation()
  const { muted, microphone } = view.local
  const off = muted || !microphone
  return <Control icon={off ? 'micOff' : 'mic'} label={t(off ? 'call.unmute' : 'call.mute')} off={off} onClick={() => (microphone ? engine.local.mute(!muted) : void engine.local.take('microphone'))} />
}

export function Written({ chat, unread, onChat }: Pick<BarProps, 'chat' | 'unread' | 'onChat'>) {
  const { t } = useTranslation()
  return <Control icon="chat" label={unread > 0 ? t('call.chatNew', { n: unread }) : t('call.chat')} on={chat} badge={unread > 0} onClick={onChat} />
}

type ControlProps = { icon: IconName; label: string; off?: boolean; on?: boolean; end?: boolean; badge?: boolean; onClick: () => void }

export function Control({ icon, label, off = false, on = false, end = false, badge = false, onClick }: ControlProps) {
  return (
    <button type="button" onClick={onClick} className="flex max-w-20 min-w-0 flex-1 flex-col items-center gap-1 rounded-control px-1 py-1 text-xs font-semibold text-muted hover:text-ink sm:max-w-none sm:min-w-16 sm:flex-none">
      <span className={cx('relative grid size-12 place-items-center rounded-full', end ? 'bg-bad text-on-bad' : off ? 'bg-bad-soft text-bad' : on ? 'bg-brand text-on-brand' : 'bg-sunken text-ink')}>
        <Icon name={icon} size={24} />
        {badge && <span aria-hidden="true" className="absolute end-0 top-0 size-3 rounded-full border-2 border-surface bg-bad" />}
      </span>
      <span className="text-center">{label}</span>
    </button>
  )
}
