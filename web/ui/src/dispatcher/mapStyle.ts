import type { Map as GlMap, StyleSpecification } from 'maplibre-gl'
import { feature } from 'topojson-client'
import type { Topology } from 'topojson-specification'
import fineUrl from 'world-atlas/countries-10m.json?url'
import coarseUrl from 'world-atlas/countries-110m.json?url'

type Palette = { sea: string; land: string; edge: string; halo: string; stop: string; stopEdge: string; quiet: string; lost: string }

const light: Palette = { sea: '#dbe6e6', land: '#f5f3ee', edge: '#c9c3b4', halo: '#fffefb', stop: '#fffefb', stopEdge: '#51605c', quiet: '#e0a100', lost: '#c8321f' }
const dark: Palette = { sea: '#0a1113', land: '#182220', edge: '#34433f', halo: '#0e1514', stop: '#161f1d', stopEdge: '#a5b4af', quiet: '#f2b968', lost: '#ff7a66' }

const empty: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] }

/**
 * Land and sea come with the app (Natural Earth), so that the map stands without any other server; streets need a tile address,
 * which the operator sets. No text is drawn by the map: glyphs would need a font server; names are in the panel.
 */
export function baseStyle(tiles: string | undefined, isDark: boolean): StyleSpecification {
  const p = isDark ? dark : light
  return {
    version: 8,
    sources: {
      world: { type: 'geojson', data: empty, attribution: 'Natural Earth', maxzoom: 10 },
      ...(tiles ? { tiles: { type: 'raster' as const, tiles: [tiles], tileSize: 256, attribution: '© OpenStreetMap' } } : {}),
      lines: { type: 'geojson', data: empty },
      stops: { type: 'geojson', data: empty },
      vehicles: { type: 'geojson', data: empty },
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': p.land } }, // no sea before there is land: a city must not stand under water
      { id: 'land', type: 'fill', source: 'world', paint: { 'fill-color': p.land } },
      { id: 'borders', type: 'line', source: 'world', paint: { 'line-color': p.edge, 'line-width': 1 } },
      ...(tiles ? [{ id: 'tiles', type: 'raster' as const, source: 'tiles', paint: isDark ? { 'raster-brightness-max': 0.6, 'raster-saturation': -0.4 } : { 'raster-saturation': -0.25 } }] : []),
      {
        id: 'line-halo',
        type: 'line',
        source: 'lines',
        layout: { 'line-cap': 'round', 'line-join': 'round', 'line-sort-key': ['get', 'order'] },
        paint: { 'line-color': p.halo, 'line-width': ['case', ['get', 'on'], 10, 6] },
      },
      {
        id: 'line',
        type: 'line',
        source: 'lines',
        layout: { 'line-cap': 'round', 'line-join': 'round', 'line-sort-key': ['get', 'order'] },
        paint: { 'line-color': ['get', 'color'], 'line-width': ['case', ['get', 'on'], 6, 3] },
      },
      {
        id: 'stops',
        type: 'circle',
        source: 'stops',
        minzoom: 8,
        paint: { 'circle-radius': ['case', ['get', 'on'], 5, 3.2], 'circle-color': p.stop, 'circle-stroke-color': p.stopEdge, 'circle-stroke-width': ['case', ['get', 'on'], 2.5, 1.5] },
      },
      {
        id: 'vehicles',
        type: 'circle',
        source: 'vehicles',
        paint: {
          'circle-radius': ['case', ['get', 'on'], 11, 8],
          'circle-color': ['get', 'color'],
          // Silent for a minute: yellow; for two: red.
          'circle-stroke-color': ['match', ['get', 'silent'], 1, p.quiet, 2, p.lost, p.halo],
          'circle-stroke-width': ['match', ['get', 'silent'], 0, 3, 4],
        },
      },
    ],
  }
}

const NEAR_DEG = 6

/**
 * The land: the world at 1:110 million, and the countries around the operator at 1:10 million, because coarser coasts put a city's stops
 * into the sea. Only those few are decoded: the whole world at that scale would keep a modest office computer busy for seconds.
 */
export async function loadLand(lat: number, lon: number): Promise<GeoJSON.FeatureCollection> {
  const [coarse, fine] = await Promise.all([topology(coarseUrl), topology(fineUrl)])
  const world = coarse.objects.countries
  const detailed = fine.objects.countries
  if (world?.type !== 'GeometryCollection' || detailed?.type !== 'GeometryCollection') return empty
  const rough = (feature(coarse, world) as GeoJSON.FeatureCollection).features
  const near = new Set(rough.filter((f) => reaches(f.geometry, lat, lon)).map((f) => f.id))
  const close = detailed.geometries.filter((g) => near.has(g.id)).map((g) => feature(fine, g) as GeoJSON.Feature)
  const drawn = new Set(close.map((f) => f.id))
  return { type: 'FeatureCollection', features: [...rough.filter((f) => !drawn.has(f.id)), ...close] }
}

async function topology(url: string): Promise<Topology> {
  const res = await fetch(url)
  return (await res.json()) as Topology
}

/** Whether any corner of a country's outline lies around the point. */
function reaches(g: GeoJSON.Geometry, lat: number, lon: number): boolean {
  const rings = g.type === 'Polygon' ? g.coordinates : g.type === 'MultiPolygon' ? g.coordinates.flat() : []
  return rings.some((ring) => {
    const lons = ring.map((c) => c[0] ?? 0)
    const lats = ring.map((c) => c[1] ?? 0)
    return lon > Math.min(...lons) - NEAR_DEG && lon < Math.max(...lons) + NEAR_DEG && lat > Math.min(...lats) - NEAR_DEG && lat < Math.max(...lats) + NEAR_DEG
  })
}

/** Another theme on a map that stands, or its land has come: only colours change, what it shows stays. */
export function paint(map: GlMap, isDark: boolean, landed: boolean) {
  const p = isDark ? dark : light
  map.setPaintProperty('sea', 'background-color', landed ? p.sea : p.land)
  map.setPaintProperty('land', 'fill-color', p.land)
  map.setPaintProperty('borders', 'line-color', p.edge)
  map.setPaintProperty('line-halo', 'line-color', p.halo)
  map.setPaintProperty('stops', 'circle-color', p.stop)
  map.setPaintProperty('stops', 'circle-stroke-color', p.stopEdge)
  map.setPaintProperty('vehicles', 'circle-stroke-color', ['match', ['get', 'silent'], 1, p.quiet, 2, p.lost, p.halo])
}
