const rings = 'M6 16.500c1-1.200 1.500-2.500 1.500-5.500a4.500 4.500 0 0 1 9 0c0 3 .5 4.300 1.500 5.500H6Zm4 2.500a2.200 2.200 0 0 0 4 0M12 4.500V6.500'
const mute = 'M8.300 8.300A5 5 0 0 0 7.500 11c0 3-.5 4.300-1.500 5.500h10.500M10.300 6.800A4.500 4.500 0 0 1 16.500 11c0 1.700.2 2.900.5 3.800M10 19a2.200 2.200 0 0 0 4 0M4 4l16 16'

/** Drawn here, on the grid of the icons: no rider's phone loads it. */
export function Bell({ off = false, size = 20 }: { off?: boolean; size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} fill="none" stroke="currentColor" strokeWidth={1.75} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false" className="shrink-0">
      <path d={off ? mute : rings} />
    </svg>
  )
}
