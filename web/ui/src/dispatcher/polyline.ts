/** Google's encoded polyline, precision 5, as [lon, lat] pairs. */
export function decodePolyline(text: string): [number, number][] {
  const out: [number, number][] = []
  let i = 0
  let lat = 0
  let lon = 0
  const next = () => {
    let shift = 0
    let value = 0
    for (;;) {
      const c = text.charCodeAt(i++) - 63
      if (Number.isNaN(c)) return 0
      value |= (c & 31) << shift
      if (c < 32) return value & 1 ? ~(value >> 1) : value >> 1
      shift += 5
    }
  }
  while (i < text.length) {
    lat += next()
    lon += next()
    out.push([lon / 1e5, lat / 1e5])
  }
  return out
}
