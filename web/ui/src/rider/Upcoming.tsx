import { useTranslation } from 'react-i18next'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { BookingCard } from './BookingCard'
import { byDeparture, isOpen, useBookings } from './bookings'

export function Upcoming() {
  const { t } = useTranslation()
  const { items, isPending, isError, error, refetch } = useBookings()
  const next = items.filter(isOpen).sort(byDeparture)
  return (
    <section aria-label={t('bookings.upcoming')}>
      <h2 className="mb-3 text-lg font-bold">{t('bookings.upcoming')}</h2>
      {isError ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : isPending ? (
        <Loading>
          <Skeleton className="h-24 rounded-card" />
        </Loading>
      ) : next.length === 0 ? (
        <div className="rounded-card border border-dashed border-control">
          <Empty icon="ticket" title={t('bookings.noneUpcoming')}>
            {t('bookings.noneUpcomingHint')}
          </Empty>
        </div>
      ) : (
        <ul className="flex flex-col gap-3">
          {next.slice(0, 5).map((b) => (
            <li key={b.id}>
              <BookingCard booking={b} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
