import { useQueries } from '@tanstack/react-query'
import * as maplibregl from 'maplibre-gl'
import 'maplibre-gl/dist/maplibre-gl.css'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Pattern } from '../api/types'
import { useHttp, useMe, useNow } from '../app/context'
import { useChannels } from '../app/live'
import { isDark, onThemeChange } from '../app/theme'
import { lineColor } from '../design/transit'
import { isActive, type Row } from './board'
import { decodePolyline } from './polyline'
import { baseStyle, loadLand, paint } from './mapStyle'

maplibregl.setWorkerUrl(workerUrl)

const VEHICLES_MAX = 120
const PATTERNS_MAX = 60

type Props = { rows: readonly Row[]; selected: string | null; onPick: (trip: string) => void }

/** Where the day's vehicles are: lines and stops of the trips on the board, and the positions that their trips' channels carry. */
export default function MapPane({ rows, selected, onPick }: Props) {
  const { t } = useTranslation()
  const me = useMe()
  const http = useHttp()
  const el = useRef<HTMLDivElement>(null)
  const [map, setMap] = useState<maplibregl.Map | null>(null)
  const [failed, setFailed] = useState(false)
  const pick = useRef(onPick)
  const drawn = useRef('')
  useEffect(() => {
    pick.current = onPick
  }, [onPick])
  const { lat, lon, zoom, tile_url: tiles } = me.tenant.map ?? { lat: 20, lon: 5, zoom: 2, tile_url: undefined }

  useEffect(() => {
    if (!el.current) return
    let m: maplibregl.Map
    let gone = false
    let landed = false
    try {
      m = new maplibregl.Map({
        container: el.current,
        style: baseStyle(tiles, isDark()),
        center: [lon, lat],
        zoom,
        attributionControl: { compact: true },
        fadeDuration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 200,
      })
    } catch {
      setFailed(true) // no WebGL: the board works without
      return
    }
    m.addControl(new maplibregl.NavigationControl({ showCompass: false }), document.documentElement.dir === 'rtl' ? 'top-left' : 'top-right')
    m.on('load', () => {
      if (gone) return
      drawn.current = ''
      setMap(m)
      loadLand(lat, lon).then(
        async (land) => {
          if (gone) return
          await m.getSource<maplibregl.GeoJSONSource>('world')?.setData(land)
          landed = true
          if (!gone) paint(m, isDark(), landed)
        },
        () => undefined, // without land the lines and vehicles still stand
      )
    })
    m.on('click', 'vehicles', (e) => {
      const trip = (e.features?.[0]?.properties as { trip?: string } | undefined)?.trip
      if (trip) pick.current(trip)
    })
    m.on('mouseenter', 'vehicles', () => (m.getCanvas().style.cursor = 'pointer'))
    m.on('mouseleave', 'vehicles', () => (m.getCanvas().style.cursor = ''))
    const off = onThemeChange(() => paint(m, isDark(), landed))
    return () => {
      gone = true
      off()
      setMap(null)
      m.remove()
    }
  }, [lat, lon, zoom, tiles])

  // Lines: one feature a pattern, asked for once and kept.
  const wanted = useMemo(() => {
    const out = new Map<string, { color: string; line: string }>()
    for (const { d } of rows) if (out.size < PATTERNS_MAX && !out.has(d.pattern)) out.set(d.pattern, { color: lineColor(d.color), line: d.line })
    return out
  }, [rows])
  const ids = useMemo(() => [...wanted.keys()].sort(), [wanted])
  const patterns = useQueries({
    queries: ids.map((id) => ({ queryKey: ['pattern', id], staleTime: 3_600_000, queryFn: ({ signal }: { signal: AbortSignal }) => http.get<Pattern>(`/v1/patterns/${id}`, { signal }) })),
    combine: (all) => all.flatMap((q) => (q.data ? [q.data] : [])),
  })
  const selectedPattern = rows.find((r) => r.id === selected)?.d.pattern
  useEffect(() => {
    if (!map) return
    const lines: GeoJSON.Feature[] = []
    const stops = new Map<string, GeoJSON.Feature>()
    for (const p of patterns) {
      const path = p.shape ? decodePolyline(p.shape) : p.stops.map((s): [number, number] => [s.lon, s.lat])
      const on = p.id === selectedPattern
      lines.push({ type: 'Feature', properties: { color: wanted.get(p.id)?.color ?? '#3f6f69', on, order: on ? 1 : 0 }, geometry: { type: 'LineString', coordinates: path } })
      for (const s of p.stops) {
        if (on || !stops.has(s.stop)) stops.set(s.stop, { type: 'Feature', properties: { name: s.name, on }, geometry: { type: 'Point', coordinates: [s.lon, s.lat] } })
      }
    }
    setData(map, 'lines', lines)
    setData(map, 'stops', [...stops.values()])
  }, [map, patterns, wanted, selectedPattern])

  // Vehicles: positions ride on the channels of the trips that are under way.
  const active = useMemo(() => rows.filter((r) => isActive(r.d.status)).slice(0, VEHICLES_MAX), [rows])
  const channels = useMemo(() => active.map((r) => `trip:${r.id}`), [active])
  const live = useChannels(channels)
  const now = useNow(5_000)
  const vehicles = useMemo(() => {
    const out: GeoJSON.Feature[] = []
    for (const r of active) {
      for (const s of live.get(`trip:${r.id}`)?.signals.values() ?? []) {
        if (s.sig !== 'position' || typeof s.d.lat !== 'number' || typeof s.d.lon !== 'number') continue
        const age = s.at ? now - Date.parse(s.at) : 0
        const label = typeof s.d.vehicle === 'string' ? s.d.vehicle : (r.d.vehicle ?? '')
        out.push({
          type: 'Feature',
          properties: { trip: r.id, label, color: lineColor(r.d.color), bearing: typeof s.d.bearing === 'number' ? s.d.bearing : 0, silent: age > 120_000 ? 2 : age > 60_000 ? 1 : 0, on: r.id === selected },
          geometry: { type: 'Point', coordinates: [s.d.lon, s.d.lat] },
        })
      }
    }
    return out
  }, [active, live, now, selected])
  useEffect(() => {
    // Drawing a map anew costs a modest computer dearly: only when something on it moved.
    const text = JSON.stringify(vehicles)
    if (!map || text === drawn.current) return
    drawn.current = text
    setData(map, 'vehicles', vehicles)
  }, [map, vehicles])

  // Fit once to what the first lines cover; afterwards the map is the dispatcher's.
  const fitted = useRef(false)
  useEffect(() => {
    if (!map || fitted.current || patterns.length === 0) return
    fitted.current = true
    const box = new maplibregl.LngLatBounds()
    for (const p of patterns) for (const s of p.stops) box.extend([s.lon, s.lat])
    map.fitBounds(box, { padding: 48, maxZoom: 13, animate: false })
  }, [map, patterns])

  if (failed) return <p className="grid size-full place-items-center p-6 text-center text-muted">{t('board.noMap')}</p>
  return (
    <div className="absolute inset-0" data-testid="map" data-lines={patterns.length} data-vehicles={vehicles.length} data-ready={map !== null}>
      <div ref={el} className="size-full" role="region" aria-label={t('board.mapLabel')} />
      {vehicles.length === 0 && <p className="pointer-events-none absolute inset-x-3 bottom-10 mx-auto w-fit rounded-full bg-surface/90 px-3 py-1 text-sm text-muted shadow-card">{t('board.noVehicles')}</p>}
    </div>
  )
}

function setData(map: maplibregl.Map, source: string, features: GeoJSON.Feature[]) {
  void map.getSource<maplibregl.GeoJSONSource>(source)?.setData({ type: 'FeatureCollection', features })
}
