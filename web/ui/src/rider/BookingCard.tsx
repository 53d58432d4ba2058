import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Booking, TripDoc } from '../api/types'
import { useFormats, useNow } from '../app/context'
import { firstDoc, useChannel } from '../app/live'
import { cx } from '../design/cx'
import { Chip } from '../design/feedback'
import { Icon } from '../design/icons'
import { Towards } from '../design/transit'
import { stateTone } from './bookings'

export function BookingCard({ booking: b, dim = false }: { booking: Booking; dim?: boolean }) {
  const { t } = useTranslation()
  const f = useFormats()
  const now = useNow(1000, b.state === 'held')
  // What the operator does to the trip reaches the list too, not the open ticket alone.
  const trip = firstDoc<TripDoc>(useChannel(!dim && (b.state === 'held' || b.state === 'confirmed') ? `trip:${b.trip}` : null))
  const cancelled = trip?.status === 'cancelled'
  return (
    <Link href={`/bookings/${b.id}`} className={cx('flex items-center gap-4 rounded-card border border-edge bg-surface p-4 shadow-card hover:border-control', dim && 'opacity-85')}>
      <span className="flex w-[4.5rem] shrink-0 flex-col items-center border-e border-edge pe-3 text-center">
        <span className="text-xs font-medium text-muted">{f.weekday(b.date)}</span>
        <span className="figures text-xl leading-6 font-bold">
          <bdi>{f.time(b.from.time)}</bdi>
        </span>
        <span className="text-xs text-muted">{f.dayMonth(b.date)}</span>
      </span>
      <span className="min-w-0 flex-1">
        <span className="mb-1 flex flex-wrap items-center gap-2">
          <Chip tone={cancelled ? 'bad' : stateTone[b.state]}>{cancelled ? t('trip.cancelled') : t(`booking.state.${b.state}`)}</Chip>
          {b.state === 'held' && b.expires_at && <span className="figures text-sm font-semibold text-held">{f.countdown(Date.parse(b.expires_at) - now)}</span>}
        </span>
        <bdi className="line-clamp-2 font-semibold">{b.from.name}</bdi>
        <Towards name={b.to.name} wrap className="text-muted" />
      </span>
      <Icon name="next" className="text-muted" />
    </Link>
  )
}
