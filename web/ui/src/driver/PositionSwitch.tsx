import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLive } from '../app/live'
import { Icon } from '../design/icons'

const EVERY_MS = 4_000

/** Sends where the vehicle is while the driver wants it: best effort, newest only. */
export function PositionSwitch({ trip }: { trip: string }) {
  const { t } = useTranslation()
  const live = useLive()
  const [on, setOn] = useState(false)
  const [refused, setRefused] = useState(false)
  useEffect(() => {
    if (!on) return
    let last: GeolocationPosition | null = null
    const watch = navigator.geolocation.watchPosition(
      (p) => (last = p),
      () => {
        setRefused(true)
        setOn(false)
      },
      { enableHighAccuracy: true, maximumAge: 5_000 },
    )
    const h = setInterval(() => {
      if (!last) return
      const { latitude: lat, longitude: lon, heading, speed } = last.coords
      live.trip(trip).signal({ lat, lon, ...(heading !== null && !Number.isNaN(heading) ? { bearing: heading } : {}), ...(speed !== null ? { speed } : {}) }, { sig: 'position', key: `trip/${trip}` })
    }, EVERY_MS)
    return () => {
      navigator.geolocation.clearWatch(watch)
      clearInterval(h)
    }
  }, [on, live, trip])
  if (!('geolocation' in navigator)) return null
  return (
    <div className="rounded-card border border-edge bg-surface px-4 py-2">
      <label className="flex min-h-11 items-center gap-3">
        <Icon name="near" className="text-muted" />
        <span className="flex-1 font-medium">{t('drive.position')}</span>
        <input
          type="checkbox"
          role="switch"
          checked={on}
          onChange={(e) => {
            setRefused(false)
            setOn(e.target.checked)
          }}
          className="peer sr-only"
        />
        <span aria-hidden="true" className="relative h-7 w-12 rounded-full bg-control transition-colors peer-checked:bg-brand peer-focus-visible:outline-3 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-focus after:absolute after:start-1 after:top-1 after:size-5 after:rounded-full after:bg-raised after:transition-[inset-inline-start] peer-checked:after:start-6" />
      </label>
      {refused && <p className="pb-1 text-sm text-bad">{t('drive.positionRefused')}</p>}
    </div>
  )
}
