import { useQuery } from '@tanstack/react-query'
import type { Stop } from '../api/types'
import { useHttp, useMe, useStored } from '../app/context'
import { useDebounced } from '../app/debounce'

export function useStopSearch(q: string, near: { lat: number; lon: number } | null, on: boolean) {
  const http = useHttp()
  const text = useDebounced(q.trim(), 180)
  return useQuery<{ items: Stop[] }>({
    queryKey: ['stops', text, near],
    enabled: on,
    placeholderData: (old) => old,
    queryFn: ({ signal }) => http.get('/v1/stops', { query: { q: text, lat: near?.lat, lon: near?.lon, limit: 20 }, signal }),
  })
}

export function useStop(id: string | null) {
  const http = useHttp()
  return useQuery({
    queryKey: ['stop', id],
    enabled: id !== null,
    staleTime: 600_000,
    queryFn: ({ signal }) => http.get<Stop>(`/v1/stops/${encodeURIComponent(id ?? '')}`, { signal }),
  })
}

/** The stops this rider chose last, newest first; kept per operator. */
export function useRecentStops() {
  const me = useMe()
  const [recent, set] = useStored<Stop[]>(`waymeet.stops.${me.tenant.slug}`, [])
  const add = (s: Stop) => set([s, ...recent.filter((x) => x.id !== s.id)].slice(0, 6))
  return { recent, add }
}

/** Metres between two points, near enough to sort and to say «400 m». */
export function metres(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const k = Math.cos(((a.lat + b.lat) / 2) * (Math.PI / 180))
  const dy = (a.lat - b.lat) * 111_320
  const dx = (a.lon - b.lon) * 111_320 * k
  return Math.hypot(dx, dy)
}
