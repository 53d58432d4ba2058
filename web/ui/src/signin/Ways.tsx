/** Lines of a network that never was, meeting where people do. Decoration only. */
export function Ways() {
  const lines = [
    { d: 'M-40 120H180c60 0 60 90 120 90h180c70 0 70-120 140-120h700', c: '#f0a24b' },
    { d: 'M-40 330h150c60 0 80-120 140-120h230c60 0 90 160 150 160h700', c: '#8fdccf' },
    { d: 'M120 -40v180c0 70 60 70 60 140v120c0 70 120 80 120 150v900', c: '#e9e4d6' },
    { d: 'M560 -40v130c0 60-80 60-80 120v160c0 90 130 80 130 170v900', c: '#d9694e' },
  ]
  const stops = [
    [300, 210, 1],
    [480, 210, 1],
    [120, 120, 0],
    [180, 330, 0],
    [250, 210, 0],
    [630, 370, 0],
    [560, 90, 0],
    [700, 90, 0],
    [300, 560, 0],
    [610, 540, 0],
    [60, 330, 0],
  ] as const
  return (
    <svg viewBox="0 0 760 900" preserveAspectRatio="xMidYMin slice" className="absolute inset-0 size-full rtl:-scale-x-100">
      {lines.map((l) => (
        <path key={l.d} d={l.d} fill="none" stroke={l.c} strokeWidth="10" strokeLinecap="round" opacity="0.9" />
      ))}
      {stops.map(([x, y, big]) => (
        <circle key={`${x}-${y}`} cx={x} cy={y} r={big ? 15 : 8} fill="#0b4a44" stroke="#fff" strokeWidth={big ? 6 : 4} />
      ))}
      <circle cx="300" cy="210" r="5" fill="#f0a24b" />
      <circle cx="480" cy="210" r="5" fill="#f0a24b" />
    </svg>
  )
}
