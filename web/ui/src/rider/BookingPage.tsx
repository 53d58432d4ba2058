import { useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { isProblem } from '../api/problem'
import type { Booking, TripDoc } from '../api/types'
import { useAction } from '../app/action'
import { useFormats, useHttp, useNow } from '../app/context'
import { firstDoc, useChannel } from '../app/live'
import { Button } from '../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Icon } from '../design/icons'
import { LineBadge, splitLine, Towards } from '../design/transit'
import type { PaymentStep } from '../pay/payment'
import { stateTone, useBooking } from './bookings'
import { CancelSheet } from './CancelSheet'
import { Countdown } from './Countdown'
import { StopLine } from './HoldSheet'
import { PayChoice } from './PayChoice'
import { TicketCode } from './TicketCode'

const CaseOf = lazy(() => import('../cases/CaseOf')) // few rides go wrong

export default function BookingPage({ id }: { id: string }) {
  const { t } = useTranslation()
  const { booking, isError, error, refetch } = useBooking(id)
  return (
    <div className="mx-auto flex w-full max-w-md flex-col gap-4">
      <Link href="/bookings" className="-ms-1 inline-flex min-h-11 items-center gap-1 self-start rounded-control pe-2 font-semibold text-muted hover:text-ink">
        <Icon name="back" />
        {t('nav.bookings')}
      </Link>
      {isError && isProblem(error) && error.status === 404 ? (
        <Empty icon="ticket" title={error.detail} action={<Link href="/bookings" className="inline-flex min-h-11 items-center font-semibold text-brand underline">{t('nav.bookings')}</Link>} />
      ) : isError ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : booking ? (
        <BookingView booking={booking} />
      ) : (
        <Loading>
          <Skeleton className="h-96 rounded-card" />
        </Loading>
      )}
    </div>
  )
}

function BookingView({ booking: b }: { booking: Booking }) {
  const { t } = useTranslation()
  const f = useFormats()
  const trip = firstDoc<TripDoc>(useChannel(b.state === 'held' || b.state === 'confirmed' ? `trip:${b.trip}` : null))
  const [cancelling, setCancelling] = useState(false)
  const late = trip?.delay_s ?? 0
  const tripCancelled = trip?.status === 'cancelled'
  const alive = b.state === 'held' || b.state === 'confirmed'

  return (
    <article data-booking={b.id} data-state={b.state} className="overflow-hidden rounded-card border border-edge bg-surface shadow-card">
      <header className="p-5 pb-4">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <p className="flex min-w-0 flex-wrap items-center gap-x-2 text-sm font-medium text-muted">
            <LineBadge name={splitLine(b.line_name)[0]} />
            {f.longDate(b.date)}
          </p>
          <Chip tone={stateTone[b.state]} className="px-3 py-1 text-sm">
            {t(`booking.state.${b.state}`)}
          </Chip>
        </div>
        <h1 className="mt-2 text-xl font-bold">
          <bdi className="block">{b.from.name}</bdi>
          <Towards name={b.to.name} wrap />
        </h1>
      </header>
      {tripCancelled && alive && (
        <p role="alert" className="mx-5 mb-4 rounded-control bg-bad-soft p-3 font-medium text-bad">
          {t('booking.tripCancelled')}
          {trip.reason && <bdi className="mt-1 block font-normal">{trip.reason}</bdi>}
        </p>
      )}
      {late > 0 && alive && !tripCancelled && (
        <p role="status" className="mx-5 mb-4 flex items-center gap-2 rounded-control bg-held-soft p-3 font-medium text-held">
          <Icon name="clock" />
          {t('booking.late', { time: f.minutes(late) })}
        </p>
      )}
      {b.state === 'held' && <Held booking={b} />}
      {b.state === 'confirmed' && <TicketCode booking={b} />}
      {b.state !== 'held' && b.state !== 'confirmed' && <About booking={b} state={b.state} />}
      <div className="relative border-t border-dashed border-control px-5 py-4">
        <Notch side="start" />
        <Notch side="end" />
        <ol>
          <StopLine color="var(--brand)" time={f.time(b.from.time)} name={b.from.name} first />
          <StopLine color="var(--brand)" time={f.time(b.to.time)} name={b.to.name} last />
        </ol>
        <dl className="mt-3 flex flex-wrap gap-x-8 gap-y-2 border-t border-edge pt-3">
          <Fact label={t('booking.seats')} value={f.n(b.party)} />
          {b.fare && <Fact label={t('booking.fare')} value={f.money(b.fare)} />}
          {b.refund && b.refund.amount > 0 && <Fact label={t('booking.refund')} value={f.money(b.refund)} />}
          {b.subsidy && <Fact label={t('pay.employer')} value={f.money(b.subsidy)} />}
          {b.state !== 'held' && b.state !== 'expired' && b.pay && <Fact label={t('booking.payment')} value={t(`pay.by.${b.pay}`)} />}
        </dl>
      </div>
      {b.state === 'confirmed' && (
        <div className="border-t border-edge px-5 py-3">
          <Button kind="plain" className="w-full text-bad" onClick={() => setCancelling(true)}>
            {t('cancel.open')}
          </Button>
        </div>
      )}
      {(b.state === 'boarded' || b.state === 'completed' || b.state === 'no_show' || (b.state === 'cancelled' && b.pay)) && (
        <div className="border-t border-edge px-5 py-3">
          <Suspense>
            <CaseOf subject={`booking/${b.id}`} about={`${b.line_name}, ${f.longDate(b.date)}`} />
          </Suspense>
        </div>
      )}
      {cancelling && <CancelSheet booking={b} onClose={() => setCancelling(false)} />}
    </article>
  )
}

/** How it ended, and where the money is when a card was charged: a payment that came too late goes back. */
function About({ booking: b, state }: { booking: Booking; state: Exclude<Booking['state'], 'held' | 'confirmed'> }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const ended = state === 'expired' || state === 'cancelled'
  const paid = useQuery({
    queryKey: ['payment', b.payment, b.state],
    enabled: ended && b.payment !== undefined,
    queryFn: ({ signal }) => http.get<PaymentStep>(`/v1/bookings/${b.id}/payment`, { signal }),
    refetchInterval: (q) => (q.state.data?.status === 'open' || (q.state.data?.refunding.amount ?? 0) > 0 ? 3_000 : false),
  })
  const back = (paid.data?.refunded.amount ?? 0) + (paid.data?.refunding.amount ?? 0)
  return (
    <p className="mx-5 mb-4 rounded-control bg-sunken p-3 text-muted">
      {t(state === 'expired' && b.payment ? 'pay.tooLate' : `booking.about.${state}`)}
      {back > 0 && paid.data && <span className="mt-1 block font-semibold text-ink">{t('pay.back', { amount: f.money({ ...paid.data.amount, amount: back }) })}</span>}
    </p>
  )
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt className="text-sm text-muted">{label}</dt>
      <dd className="figures font-semibold">{value}</dd>
    </div>
  )
}

const Notch = ({ side }: { side: 'start' | 'end' }) => (
  <span aria-hidden="true" className={`absolute -top-2.5 size-5 rounded-full border border-edge bg-paper ${side === 'start' ? '-start-3' : '-end-3'}`} />
)

/** The seat is kept while the clock runs; the server's clock decides, ours only shows. */
function Held({ booking: b }: { booking: Booking }) {
  const { t } = useTranslation()
  const http = useHttp()
  const cache = useQueryClient()
  const now = useNow(250)
  const left = b.expires_at ? Date.parse(b.expires_at) - now : 0
  const took = (r: Booking | undefined) => {
    if (r) cache.setQueryData(['booking', b.id], r)
    void cache.invalidateQueries({ queryKey: ['bookings'] })
  }
  const release = useAction(useCallback((_: null, key: string) => http.post<Booking>(`/v1/bookings/${b.id}/cancel`, { key }), [http, b.id]))
  const over = left <= 0
  useEffect(() => {
    // Should the socket be away when the hold ends, ask once.
    if (!over) return
    const h = setTimeout(() => void cache.invalidateQueries({ queryKey: ['booking', b.id] }), 2_000)
    return () => clearTimeout(h)
  }, [over, cache, b.id])

  return (
    <div className="flex flex-col items-center gap-4 px-5 pb-5">
      <Countdown leftMs={left} totalMs={span(b)} />
      <p className="text-center text-muted">{over ? t('booking.holdOver') : t('booking.holdHint')}</p>
      {release.error !== null && <ErrorNote className="w-full" error={release.error} />}
      <PayChoice booking={b} over={over} />
      <Button kind="plain" busy={release.busy} disabled={over} onClick={() => void release.act(null).then(took)}>
        {t('booking.release')}
      </Button>
    </div>
  )
}

const span = (b: Booking) => (b.expires_at && b.created_at ? Math.max(1, Date.parse(b.expires_at) - Date.parse(b.created_at)) : 300_000)
