import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { Icon } from '../design/icons'
import type { RemoteView } from './connections'
import type { CallView } from './engine'
import type { MediaTrack, SessionDoc } from './types'

/** The other's picture, or their screen with them beside it, and oneself in the corner. */
export function Stage({ doc, view }: { doc: SessionDoc; view: CallView }) {
  const { t } = useTranslation()
  const role = view.role === 'expert' ? 'client' : 'expert'
  const other = view.remotes.find((r) => r.role === role)
  const shown = (place: MediaTrack, on: boolean | undefined) => (on && other?.connection === 'connected' ? other.streams.get(place) : undefined)
  const second = view.remotes.find((r) => r.role === 'second' && r.connection === 'connected')
  const theirs = second?.sends.camera ? second.streams.get('camera') : undefined
  const screen = shown('screen', other?.sends.screen) ?? (second?.sends.screen ? second.streams.get('screen') : undefined)
  const camera = shown('camera', other?.sends.camera)
  return (
    <div className="relative min-h-0 flex-1 overflow-hidden" data-testid="stage" data-connection={other?.connection ?? 'none'}>
      {screen ? (
        <Picture stream={screen} label={t(`call.screenOf.${role}`)} what="screen" className="size-full object-contain" />
      ) : camera ? (
        <Picture stream={camera} label={t(`call.pictureOf.${role}`)} what="camera" className="size-full object-cover" />
      ) : (
        <Nobody doc={doc} other={other} role={role} />
      )}
      <Sounds others={view.remotes.filter((r) => r.connection === 'connected' && (r.role !== 'whisperer' || view.role !== 'client'))} />
      <div className="absolute end-3 bottom-3 flex flex-col items-end gap-2">
        {theirs && <Tile stream={theirs} label={t('call.second.picture')} what="second" />}
        {screen && camera && <Tile stream={camera} label={t(`call.pictureOf.${role}`)} what="small" />}
        {view.local.screen && (
          <p className="flex items-center gap-2 rounded-control bg-brand px-3 py-1.5 text-sm font-semibold text-on-brand shadow-card">
            <Icon name="screen" size={16} />
            {t('call.sharing')}
          </p>
        )}
        {view.local.camera && <Self track={view.local.camera} />}
      </div>
    </div>
  )
}

export function Self({ track }: { track: MediaStreamTrack }) {
  const { t } = useTranslation()
  const [stream, setStream] = useState<MediaStream | null>(null)
  useEffect(() => setStream(new MediaStream([track])), [track])
  return stream && <Tile stream={stream} label={t('call.self')} what="self" mirrored />
}

const Tile = ({ stream, label, what, mirrored = false }: { stream: MediaStream; label: string; what: string; mirrored?: boolean }) => (
  <div className="h-36 w-26 overflow-hidden rounded-control border-2 border-surface bg-raised shadow-float sm:h-32 sm:w-48">
    <Picture stream={stream} label={label} what={what} className={cx('size-full object-cover', mirrored && '-scale-x-100')} />
  </div>
)

/** Moving pictures without sound: the sound plays elsewhere, whether there is a picture or not. */
export function Picture({ stream, label, what, className }: { stream: MediaStream; label: string; what: string; className?: string }) {
  const ref = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    const el = ref.current
    if (!el) return
    el.srcObject = stream
    void el.play().catch(() => undefined)
    return () => {
      el.srcObject = null
    }
  }, [stream])
  return <video ref={ref} aria-label={label} data-picture={what} className={className} autoPlay playsInline muted />
}

/** Voices, and the sound of what they show. A browser that wants to be touched first is touched. */
export function Sounds({ others }: { others: readonly RemoteView[] }) {
  const { t } = useTranslation()
  const [refused, setRefused] = useState(0)
  const [again, setAgain] = useState(0)
  return (
    <>
      {others.flatMap(({ user, streams }) =>
        (['microphone', 'screen_audio'] as const).map((place) => {
          const stream = streams.get(place)
          return stream && <Sound key={`${user} ${place}${again}`} stream={stream} onRefused={() => setRefused((n) => n + 1)} />
        }),
      )}
      {refused > 0 && (
        <div className="absolute inset-x-0 bottom-6 flex justify-center">
          <Button
            kind="primary"
            size="lg"
            onClick={() => {
              setRefused(0)
              setAgain((n) => n + 1)
            }}
          >
            {t('call.sound')}
          </Button>
        </div>
      )}
    </>
  )
}

function Sound({ stream, onRefused }: { stream: MediaStream; onRefused: () => void }) {
  const ref = useRef<HTMLAudioElement>(null)
  const told = useRef(onRefused)
  useEffect(() => {
    told.current = onRefused
  })
  useEffect(() => {
    const el = ref.current
    if (!el) return
    el.srcObject = stream
    void el.play().catch((e: unknown) => {
      if (e instanceof DOMException && e.name === 'NotAllowedError') told.current()
    })
    return () => {
      el.srcObject = null
    }
  }, [stream])
  // eslint-disable-next-line jsx-a11y/media-has-caption -- a conversation that happens now has none
  return <audio ref={ref} autoPlay />
}

/** No picture: whoever it is, and what is waited for. */
function Nobody({ doc, other, role }: { doc: SessionDoc; other: RemoteView | undefined; role: 'client' | 'expert' }) {
  const { t } = useTranslation()
  const here = Object.values(doc.participants).some((p) => p.role === role && p.here)
  const connected = other?.connection === 'connected'
  const waits = !connected
  return (
    <div className="grid size-full place-items-center p-6">
      <div className="flex flex-col items-center gap-4 text-center">
        <span className={cx('grid size-28 place-items-center rounded-full bg-brand-soft text-brand', waits && 'animate-breathe')}>
          <Icon name="user" size={52} />
        </span>
        <p className="text-lg font-semibold">{t(!here ? `call.comes.${role}` : waits ? 'call.connecting' : doc.modality === 'audio' ? `call.speaks.${role}` : 'call.cameraOff')}</p>
        {connected && other && !other.sends.microphone && (
          <p className="flex items-center gap-2 text-sm font-semibold text-muted">
            <Icon name="micOff" size={16} />
            {t(`call.mutedThere.${role}`)}
          </p>
        )}
      </div>
    </div>
  )
}
