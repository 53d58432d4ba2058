import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef } from 'react'
import type { Booking, BookingDoc, BookingState, Page } from '../api/types'
import type { Tone } from '../design/feedback'
import { useHttp } from '../app/context'
import { useChannel } from '../app/live'

/** One booking: read once, then kept by its channel; whichever version is higher is shown. */
export function useBooking(id: string) {
  const http = useHttp()
  const q = useQuery({ queryKey: ['booking', id], queryFn: ({ signal }) => http.get<Booking>(`/v1/bookings/${id}`, { signal }) })
  const live = useChannel(`booking:${id}`)
  const held = live.entities.get(`booking/${id}`)
  const booking = useMemo<Booking | undefined>(() => {
    if (held && (!q.data || held.v >= q.data.v)) return { ...(held.d as unknown as BookingDoc), id, v: held.v }
    return q.data
  }, [held, q.data, id])
  return { booking, error: q.error, isError: q.isError && !booking, refetch: q.refetch, status: live.status }
}

/** The person's bookings, newest first; the channel `me` lays its changes over the list and tells of new ones. */
export function useBookings() {
  const http = useHttp()
  const cache = useQueryClient()
  const q = useQuery({ queryKey: ['bookings'], queryFn: ({ signal }) => http.get<Page<Booking>>('/v1/bookings', { query: { limit: 50 }, signal }) })
  const me = useChannel('me')
  const items = useMemo(() => {
    const known = new Map((q.data?.items ?? []).map((b) => [b.id, b]))
    for (const [e, held] of me.entities) {
      if (!e.startsWith('booking/')) continue
      const id = e.slice('booking/'.length)
      const old = known.get(id)
      if (!old || held.v >= old.v) known.set(id, { ...(held.d as unknown as BookingDoc), id, v: held.v })
    }
    return [...known.values()]
  }, [q.data, me.entities])
  // `me` holds open bookings only: one that ends leaves it, and only the list then says how it ended.
  const open = useRef(new Set<string>())
  useEffect(() => {
    if (me.status !== 'current') return
    const now = new Set([...me.entities.keys()].filter((e) => e.startsWith('booking/')))
    const left = [...open.current].some((e) => !now.has(e))
    open.current = now
    void cache.invalidateQueries({ queryKey: ['bookings'], refetchType: left ? 'active' : 'none' })
  }, [me.status, me.entities, cache])
  return { items, isPending: q.isPending && items.length === 0, error: q.error, isError: q.isError && items.length === 0, refetch: q.refetch }
}

const open: ReadonlySet<BookingState> = new Set(['held', 'confirmed', 'boarded'])
export const isOpen = (b: BookingDoc) => open.has(b.state)
export const byDeparture = (a: BookingDoc, b: BookingDoc) => Date.parse(a.from.at) - Date.parse(b.from.at)

export const stateTone: Record<BookingState, Tone> = { held: 'held', confirmed: 'good', boarded: 'brand', completed: 'neutral', no_show: 'bad', cancelled: 'neutral', expired: 'neutral' }
