import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TripOffer } from '../api/types'
import { useFormats } from '../app/context'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { Chip } from '../design/feedback'
import { LineBadge, splitLine, Towards, WayRail } from '../design/transit'

export function TripCard({ offer: o, party, onHold }: { offer: TripOffer; party: number; onHold: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const [code, name] = splitLine(o.line_name)
  const gone = o.status === 'departed' || o.status === 'completed'
  const cancelled = o.status === 'cancelled'
  const fits = o.free >= party && !gone && !cancelled
  return (
    <article data-trip={o.trip} className={cx('rounded-card border border-edge bg-surface p-4 shadow-card', (gone || cancelled) && 'opacity-75')}>
      <div className="flex items-center gap-2 text-sm">
        <LineBadge name={code} color={o.color} />
        <span className="min-w-0 flex-1 text-muted">{o.headsign ? <Towards name={o.headsign} /> : <bdi className="block truncate">{name}</bdi>}</span>
        {cancelled ? <Chip tone="bad">{t('trip.cancelled')}</Chip> : gone ? <Chip>{t('trip.departed')}</Chip> : o.delay_s ? <Chip tone="held">{t('trip.late', { time: f.minutes(o.delay_s) })}</Chip> : null}
      </div>
      <div className="mt-3 flex items-stretch gap-3">
        <WayRail color={o.color} className="py-2.5" />
        <div className="flex min-w-0 flex-1 flex-col gap-1.5">
          <Row time={f.time(o.from.time)} name={o.from.name} big />
          <Row time={f.time(o.to.time)} name={o.to.name} end={o.duration_s !== undefined ? f.minutes(o.duration_s) : undefined} />
        </div>
      </div>
      <div className="mt-3 flex items-center justify-between gap-3 border-t border-edge pt-3">
        <FreeSeats n={o.free} party={party} />
        {o.fare && <span className="figures ms-auto text-lg font-bold whitespace-nowrap">{f.money(o.fare)}</span>}
        <Button kind={fits ? 'primary' : 'quiet'} disabled={!fits} onClick={onHold} aria-label={t('trips.holdAt', { time: f.time(o.from.time) })}>
          {t('trips.hold')}
        </Button>
      </div>
    </article>
  )
}

function Row({ time, name, end, big = false }: { time: string; name: string; end?: string | undefined; big?: boolean }) {
  return (
    <div className="flex items-baseline gap-3">
      <span className={cx('figures min-w-[4.25rem] font-bold', big ? 'text-2xl leading-7' : 'text-lg leading-6 text-muted')}>
        <bdi>{time}</bdi>
      </span>
      <bdi className={cx('line-clamp-2 min-w-0 flex-1', big ? 'font-semibold' : 'text-muted')}>{name}</bdi>
      {end && <span className="text-sm whitespace-nowrap text-muted">{end}</span>}
    </div>
  )
}

/** The free seats, lit for a moment when they change under the reader's eyes. */
export function FreeSeats({ n, party }: { n: number; party: number }) {
  const { t } = useTranslation()
  const f = useFormats()
  const last = useRef(n)
  const [moved, setMoved] = useState(0)
  useEffect(() => {
    if (last.current === n) return
    last.current = n
    setMoved((x) => x + 1)
  }, [n])
  const tone = n === 0 ? 'text-bad' : n < party || n <= 2 ? 'text-held' : 'text-good'
  return (
    <span key={moved} data-testid="free" data-free={n} className={cx('figures -mx-2 rounded-control px-2 py-1 font-semibold', tone, moved > 0 && 'animate-touched')}>
      {n === 0 ? t('trips.full') : n < party ? t('trips.tooFew', { count: n, n: f.n(n) }) : t('trips.free', { count: n, n: f.n(n) })}
    </span>
  )
}
