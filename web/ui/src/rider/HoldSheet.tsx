import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { Booking, Pattern, TripOffer } from '../api/types'
import { useAction } from '../app/action'
import { useFormats, useHttp } from '../app/context'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { ErrorNote } from '../design/feedback'
import { Sheet } from '../design/Sheet'
import { LineBadge, lineColor, splitLine, Towards } from '../design/transit'
import { FreeSeats } from './TripCard'

type Order = { trip: string; from: string; to: string; party: number }

/** The last look before a seat is taken: the way with its stops, the price, and what holding means. */
export function HoldSheet({ offer: o, party, onClose }: { offer: TripOffer; party: number; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const [, go] = useLocation()
  const pattern = useQuery({
    queryKey: ['pattern', o.pattern],
    staleTime: 3_600_000,
    queryFn: ({ signal }) => http.get<Pattern>(`/v1/patterns/${o.pattern}`, { signal }),
  })
  const hold = useAction(useCallback((order: Order, key: string) => http.post<Booking>('/v1/bookings', { body: order, key }), [http]))
  const submit = async () => {
    const b = await hold.act({ trip: o.trip, from: o.from.stop, to: o.to.stop, party })
    if (!b) return
    cache.setQueryData(['booking', b.id], b)
    void cache.invalidateQueries({ queryKey: ['bookings'] })
    go(`/bookings/${b.id}`)
  }
  const between = (pattern.data?.stops ?? []).filter((s) => s.index > o.from.index && s.index < o.to.index)
  const color = lineColor(o.color)
  const [code, name] = splitLine(o.line_name)
  const sellable = o.free >= party && (o.status === 'scheduled' || o.status === 'boarding')

  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={
        <span className="flex items-center gap-2">
          <LineBadge name={code} color={o.color} />
          {o.headsign ? <Towards name={o.headsign} wrap /> : <bdi>{name}</bdi>}
        </span>
      }
      description={`${f.longDate(o.date)}`}
      footer={
        <div className="flex flex-col gap-2">
          {hold.error !== null && <ErrorNote error={hold.error} />}
          <Button kind="primary" size="lg" busy={hold.busy} disabled={!sellable} onClick={() => void submit()} className="w-full">
            {t('hold.submit', { count: party, n: f.n(party) })}
          </Button>
          <p className="text-center text-sm text-muted">{t('hold.meaning')}</p>
        </div>
      }
    >
      <ol className="flex flex-col">
        <StopLine color={color} time={f.time(o.from.time)} name={o.from.name} first />
        {between.map((s) => (
          <StopLine key={s.index} color={color} name={s.name} minor />
        ))}
        <StopLine color={color} time={f.time(o.to.time)} name={o.to.name} last />
      </ol>
      <div className="mt-4 flex items-center justify-between border-t border-edge pt-4">
        <FreeSeats n={o.free} party={party} />
        {o.fare && (
          <span className="text-end">
            <span className="figures block text-xl font-bold">{f.money(o.fare)}</span>
            <span className="text-sm text-muted">{t('hold.for', { count: party, n: f.n(party) })}</span>
          </span>
        )}
      </div>
    </Sheet>
  )
}

export function StopLine({ color, time, name, minor = false, first = false, last = false }: { color: string; time?: string; name: string; minor?: boolean; first?: boolean; last?: boolean }) {
  return (
    <li className={cx('relative flex items-center gap-3', minor ? 'min-h-7 text-sm text-muted' : 'min-h-11')}>
      <span className={cx('figures w-14 text-end font-bold', minor || 'text-lg')}>{time && <bdi>{time}</bdi>}</span>
      <span aria-hidden="true" className="relative flex w-4 justify-center self-stretch">
        <span className={cx('absolute w-[3px]', first ? 'top-1/2 bottom-0' : last ? 'top-0 bottom-1/2' : 'inset-y-0')} style={{ background: color }} />
        <span className={cx('relative self-center rounded-full border-[3px] bg-surface', minor ? 'size-2' : 'size-3.5')} style={{ borderColor: color, ...(last ? { background: color } : {}) }} />
      </span>
      <bdi className={cx('min-w-0 flex-1', !minor && 'font-semibold')}>{name}</bdi>
    </li>
  )
}
