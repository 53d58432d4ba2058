import { useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../design/Button'
import { Icon } from '../design/icons'
import { Select } from '../design/Field'
import { chooseDevices, chosenDevices, insecure, openDevice, troubleOf, type DeviceTrouble } from './devices'
import { Picture } from './Stage'
import type { Modality } from './types'

type Kind = 'microphone' | 'camera'
type Found = { id: string; name: string }

/** Before anybody is there: the microphone's level, the camera's picture, which of them, and what to do when one is not to be had. */
export function DeviceCheck({ modality, onReady }: { modality: Modality; onReady: (heard: boolean) => void }) {
  const { t } = useTranslation()
  const films = modality === 'video'
  const [tracks, setTracks] = useState<Partial<Record<Kind, MediaStreamTrack>>>({})
  const [trouble, setTrouble] = useState<Partial<Record<Kind, DeviceTrouble>>>({})
  const [asked, setAsked] = useState(false)
  const [film, setFilm] = useState(!chosenDevices().cameraOff)
  const [list, setList] = useState<Record<Kind, Found[]>>({ microphone: [], camera: [] })
  const open = useRef(new Map<Kind, MediaStreamTrack>())
  const gone = useRef(false)

  const stop = useCallback((kind: Kind) => {
    open.current.get(kind)?.stop()
    open.current.delete(kind)
    setTracks((all) => ({ ...all, [kind]: undefined }))
  }, [])
  const take = useCallback(
    async (kind: Kind) => {
      stop(kind)
      setTrouble((all) => ({ ...all, [kind]: undefined }))
      try {
        const track = await openDevice(kind)
        if (gone.current) return track.stop()
        open.current.set(kind, track)
        setTracks((all) => ({ ...all, [kind]: track }))
      } catch (e) {
        setTrouble((all) => ({ ...all, [kind]: insecure() ? 'insecure' : troubleOf(e) }))
      }
    },
    [stop],
  )
  const begin = useCallback(async () => {
    setAsked(true)
    await take('microphone')
    if (films && !chosenDevices().cameraOff) await take('camera')
    setList(await devices())
  }, [take, films])

  useEffect(() => {
    gone.current = false
    const held = open.current
    // Who has allowed it before is not asked again, and need not press anything.
    void allowed().then((yes) => (yes && !gone.current ? begin() : undefined))
    const changed = () => void devices().then((l) => !gone.current && setList(l))
    navigator.mediaDevices?.addEventListener('devicechange', changed)
    return () => {
      gone.current = true
      navigator.mediaDevices?.removeEventListener('devicechange', changed)
      for (const track of held.values()) track.stop()
      held.clear()
    }
  }, [begin])
  const heard = tracks.microphone !== undefined
  useEffect(() => onReady(heard), [heard, onReady])

  const filming = (on: boolean) => {
    setFilm(on)
    chooseDevices({ ...chosenDevices(), cameraOff: !on })
    if (on) void take('camera')
    else stop('camera')
  }
  const choose = (kind: Kind, id: string) => {
    chooseDevices({ ...chosenDevices(), [kind]: id })
    void take(kind)
  }

  if (!asked) {
    return (
      <div className="flex flex-col items-center gap-4 rounded-control bg-sunken p-6 text-center">
        <span className="grid size-16 place-items-center rounded-full bg-brand-soft text-brand">
          <Icon name={films ? 'camera' : 'mic'} size={30} />
        </span>
        <p className="text-muted">{t('check.why')}</p>
        <Button kind="primary" size="lg" onClick={() => void begin()}>
          {t(films ? 'check.start' : 'check.startVoice')}
        </Button>
      </div>
    )
  }
  return (
    <div className="flex flex-col gap-5">
      {films && (
        <div className="flex flex-col gap-3">
          <div className="relative grid aspect-video place-items-center overflow-hidden rounded-card bg-sunken">
            {tracks.camera ? <Preview track={tracks.camera} /> : <p className="flex flex-col items-center gap-2 p-6 text-center font-semibold text-muted"><Icon name="cameraOff" size={32} />{!film && t('check.cameraOff')}</p>}
          </div>
          {film && trouble.camera && <Trouble kind="camera" trouble={trouble.camera} onRetry={() => void take('camera')} />}
          <div className="flex flex-wrap items-end gap-3">
            <Button icon={film ? 'cameraOff' : 'camera'} onClick={() => filming(!film)}>
              {t(film ? 'check.filmOff' : 'check.filmOn')}
            </Button>
            {film && <Which kind="camera" list={list.camera} track={tracks.camera} onChoose={choose} />}
          </div>
        </div>
      )}
      <div className="flex flex-col gap-3">
        {trouble.microphone ? (
          <Trouble kind="microphone" trouble={trouble.microphone} onRetry={() => void begin()} />
        ) : (
          <Loudness track={tracks.microphone} />
        )}
        <Which kind="microphone" list={list.microphone} track={tracks.microphone} onChoose={choose} />
      </div>
    </div>
  )
}

function Preview({ track }: { track: MediaStreamTrack }) {
  const { t } = useTranslation()
  const [stream, setStream] = useState<MediaStream | null>(null)
  useEffect(() => setStream(new MediaStream([track])), [track])
  return stream && <Picture stream={stream} label={t('check.preview')} what="preview" className="size-full -scale-x-100 object-cover" />
}

function Trouble({ kind, trouble, onRetry }: { kind: Kind; trouble: DeviceTrouble; onRetry: () => void }) {
  const { t } = useTranslation()
  return (
    <div role="alert" data-trouble={`${kind}-${trouble}`} className={`flex items-start gap-3 rounded-control p-3.5 ${kind === 'microphone' ? 'bg-bad-soft text-bad' : 'bg-held-soft text-held'}`}>
      <Icon name={kind === 'microphone' ? 'micOff' : 'cameraOff'} className="mt-0.5" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{t(`call.trouble.${kind}.${trouble}`)}</p>
        {trouble !== 'insecure' && (
          <Button size="sm" className="mt-2" onClick={onRetry}>
            {t('action.retry')}
          </Button>
        )}
      </div>
    </div>
  )
}

function Which({ kind, list, track, onChoose }: { kind: Kind; list: Found[]; track: MediaStreamTrack | undefined; onChoose: (kind: Kind, id: string) => void }) {
  const { t } = useTranslation()
  if (list.length < 2) return null
  return (
    <Select label={t(`check.${kind}`)} className="min-w-0 flex-1" value={track?.getSettings().deviceId ?? ''} onChange={(e) => onChoose(kind, e.target.value)}>
      {list.map((d, i) => (
        <option key={d.id} value={d.id}>
          {d.name || t('check.unnamed', { n: i + 1 })}
        </option>
      ))}
    </Select>
  )
}

const LOUD = 0.02 // of full scale: somebody speaks

/** How loud the microphone is, as a bar that moves. */
function Loudness({ track }: { track: MediaStreamTrack | undefined }) {
  const { t } = useTranslation()
  const bar = useRef<HTMLSpanElement>(null)
  const [heard, setHeard] = useState(false)
  useEffect(() => {
    if (!track) return
    const ctx = new AudioContext()
    const meter = ctx.createAnalyser()
    meter.fftSize = 1024
    const source = ctx.createMediaStreamSource(new MediaStream([track]))
    source.connect(meter)
    const wave = new Float32Array(meter.fftSize)
    let frame = 0
    const look = () => {
      frame = requestAnimationFrame(look)
      meter.getFloatTimeDomainData(wave)
      const loud = Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length)
      if (bar.current) bar.current.style.width = `${Math.min(100, Math.sqrt(loud) * 160)}%`
      if (loud > LOUD) setHeard(true)
    }
    look()
    return () => {
      cancelAnimationFrame(frame)
      source.disconnect()
      void ctx.close()
    }
  }, [track])
  return (
    <div>
      <p className="mb-1.5 flex items-center gap-2 text-sm font-semibold">
        <Icon name="mic" size={18} />
        {t('check.level')}
      </p>
      <div aria-hidden="true" className="h-3 overflow-hidden rounded-full bg-sunken">
        <span ref={bar} className="block h-full rounded-full bg-good transition-[width] duration-75" style={{ width: 0 }} />
      </div>
      <p className="mt-1.5 text-sm text-muted" aria-live="polite">
        {t(heard ? 'check.heard' : 'check.speak')}
      </p>
    </div>
  )
}

async function devices(): Promise<Record<Kind, Found[]>> {
  const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? []
  const of = (kind: MediaDeviceKind) => all.filter((d) => d.kind === kind && d.deviceId !== '').map((d) => ({ id: d.deviceId, name: d.label }))
  return { microphone: of('audioinput'), camera: of('videoinput') }
}

async function allowed(): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: 'microphone' as PermissionName })).state === 'granted'
  } catch {
    return false // not every browser can be asked
  }
}
