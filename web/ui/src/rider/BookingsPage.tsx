import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { BookingCard } from './BookingCard'
import { byDeparture, isOpen, useBookings } from './bookings'

export default function BookingsPage() {
  const { t } = useTranslation()
  const { items, isPending, isError, error, refetch } = useBookings()
  const open = items.filter(isOpen).sort(byDeparture)
  const past = items.filter((b) => !isOpen(b)).sort((a, b) => byDeparture(b, a))
  return (
    <div className="mx-auto flex w-full max-w-2xl flex-col gap-6">
      <h1 className="text-2xl font-bold tracking-tight">{t('nav.bookings')}</h1>
      {isError && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {isPending && (
        <Loading>
          <div className="flex flex-col gap-3">
            <Skeleton className="h-24 rounded-card" />
            <Skeleton className="h-24 rounded-card" />
          </div>
        </Loading>
      )}
      {!isPending && !isError && items.length === 0 && (
        <Empty icon="ticket" title={t('bookings.none')} action={<Link href="/" className="inline-flex min-h-11 items-center rounded-control bg-brand px-4 font-semibold text-on-brand">{t('bookings.find')}</Link>} />
      )}
      {open.length > 0 && <Group title={t('bookings.upcoming')} items={open} />}
      {past.length > 0 && <Group title={t('bookings.past')} items={past} dim />}
    </div>
  )
}

function Group({ title, items, dim = false }: { title: string; items: ReturnType<typeof useBookings>['items']; dim?: boolean }) {
  return (
    <section aria-label={title}>
      <h2 className="mb-3 text-lg font-bold">{title}</h2>
      <ul className="flex flex-col gap-3">
        {items.map((b) => (
          <li key={b.id}>
            <BookingCard booking={b} dim={dim} />
          </li>
        ))}
      </ul>
    </section>
  )
}
