import { useMemo } from 'react'
import { encode } from 'uqr'

/** Always dark on white, also in the dark theme: scanners need the contrast and the quiet zone. */
export default function Qr({ text, label }: { text: string; label: string }) {
  const { size, d } = useMemo(() => {
    const { data, size } = encode(text, { ecc: 'M', border: 0 })
    let d = ''
    data.forEach((row, y) => row.forEach((on, x) => (d += on ? `M${x} ${y}h1v1h-1z` : '')))
    return { size, d }
  }, [text])
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} className="size-full" shapeRendering="crispEdges" data-testid="qr" data-token={text}>
      <path d={d} fill="#0b1614" />
    </svg>
  )
}
