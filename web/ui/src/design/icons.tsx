import type { SVGProps } from 'react'

// Drawn for Waymeet on a 24 grid, 1.75 stroke. `flip` marks those that point along the reading direction.
const paths = {
  search: 'M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13Zm5-1.500L20 20',
  ticket: 'M4 7.500A1.500 1.500 0 0 1 5.500 6h13A1.500 1.500 0 0 1 20 7.500V10a2 2 0 0 0 0 4v2.500a1.500 1.500 0 0 1-1.500 1.500h-13A1.500 1.500 0 0 1 4 16.500V14a2 2 0 0 0 0-4V7.500ZM14 6.500v11',
  swap: 'M8 4v15m0 0-3.500-3.500M8 19l3.500-3.500M16 20V5m0 0-3.500 3.500M16 5l3.500 3.500',
  pin: 'M12 21c4.200-4.600 6.500-8 6.500-11a6.500 6.500 0 1 0-13 0c0 3 2.300 6.400 6.500 11Zm0-8.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z',
  near: 'M12 3v3m0 12v3m9-9h-3M6 12H3m9 5a5 5 0 1 0 0-10 5 5 0 0 0 0 10Zm0-4a1 1 0 1 0 0-2 1 1 0 0 0 0 2Z',
  close: 'm6 6 12 12M18 6 6 18',
  check: 'm5 12.500 4.500 4.500L19 7.500',
  back: 'M14.500 5.500 8 12l6.500 6.500',
  next: 'M9.500 5.500 16 12l-6.500 6.500',
  down: 'm5.500 9.500 6.500 6.500 6.500-6.500',
  arrow: 'M4 12h15m0 0-5-5m5 5-5 5',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.500 8c.8-3.600 3.800-5.500 7.500-5.500s6.700 1.900 7.500 5.500',
  people: 'M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM2.500 19.500c.6-3.300 3.200-5 6.500-5s5.900 1.700 6.500 5M15.500 5a3.400 3.400 0 0 1 0 6.300M18 14.800c1.900.7 3.100 2.200 3.500 4.700',
  board: 'M4 5h16v14H4V5Zm0 4.700h16M4 14.300h16M9.500 5v14',
  bus: 'M5 16.500V7a2.500 2.500 0 0 1 2.500-2.500h9A2.500 2.500 0 0 1 19 7v9.500H5Zm0-5h14M7.500 16.500v2.500m9-2.500v2.500M8 14h.01M16 14h.01',
  scan: 'M4 8V5.500A1.500 1.500 0 0 1 5.500 4H8m8 0h2.500A1.500 1.500 0 0 1 20 5.500V8m0 8v2.500a1.500 1.500 0 0 1-1.500 1.500H16m-8 0H5.500A1.500 1.500 0 0 1 4 18.500V16m0-4h16',
  clock: 'M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17Zm0-13.500v5l3.500 2',
  warn: 'M12 4 2.800 19.500h18.400L12 4Zm0 6v4.500m0 2.500v.01',
  offline: 'm4 4 16 16M9.500 9.700a8.500 8.500 0 0 0-4.500 2.600M2.500 9a13 13 0 0 1 3.800-2.500M12 6c3.600 0 6.900 1.100 9.500 3M14.500 10.500c1.700.3 3.200 1 4.500 2M9 15.500a5 5 0 0 1 5.300-.7M12 19v.01',
  globe: 'M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17Zm-8.500-8.500h17M12 3.500c2.300 2.300 3.500 5.200 3.500 8.500s-1.200 6.200-3.500 8.500c-2.300-2.300-3.500-5.200-3.500-8.500s1.200-6.200 3.500-8.500Z',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm0-13v2m0 14v2m9-9h-2M5 12H3m15.400-6.400L17 7M7 17l-1.400 1.400m12.800 0L17 17M7 7 5.600 5.600',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500Z',
  system: 'M4 5h16v11H4V5Zm5 15h6m-3-4v4',
  out: 'M14 5H6.500A1.500 1.500 0 0 0 5 6.500v11A1.500 1.500 0 0 0 6.500 19H14m-4-7h10m0 0-3.500-3.500M20 12l-3.500 3.500',
  card: 'M3.500 6h17v12h-17V6Zm0 4h17M7 14.500h4',
  wallet: 'M4 7.500V17a2 2 0 0 0 2 2h14V9H5.500A1.500 1.500 0 0 1 4 7.500Zm0 0A1.500 1.500 0 0 1 5.500 6H18v3m-2 5h.01',
  lock: 'M6 11h12v8.500H6V11Zm2.500 0V8a3.500 3.500 0 0 1 7 0v3',
  plus: 'M12 5v14m-7-7h14',
  minus: 'M5 12h14',
  cash: 'M3 7h18v10H3V7Zm9 7.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5ZM6 10v4m12-4v4',
  map: 'm3.500 6.500 5.500-2 6 2 5.500-2v13l-5.500 2-6-2-5.500 2v-13Zm5.500-2v13m6-11v13',
  list: 'M8.500 6.500H20m-11.500 5.500H20M8.500 17.500H20M4.500 6.500v.01m0 5.490v.01m0 5.490v.01',
  settings: 'M4 7h9m4 0h3M4 17h3m4 0h9M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Zm-6 10a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z',
  calendar: 'M4.500 6.500h15v13h-15v-13Zm0 4h15M8.500 4v4m7-4v4',
  eye: 'M2.500 12C5 7.700 8.200 5.500 12 5.500s7 2.200 9.500 6.500c-2.500 4.300-5.700 6.500-9.500 6.500S5 16.300 2.500 12Zm9.500 3a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  upload: 'M12 16V4.500m0 0L7.500 9M12 4.500 16.500 9M4.500 15.500v4h15v-4',
} as const

export type IconName = keyof typeof paths
const pointing: ReadonlySet<IconName> = new Set(['back', 'next', 'arrow', 'out'])

export function Icon({ name, size = 20, className = '', ...rest }: { name: IconName; size?: number } & SVGProps<SVGSVGElement>) {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      className={`shrink-0 ${pointing.has(name) ? 'rtl:-scale-x-100' : ''} ${className}`}
      {...rest}
    >
      <path d={paths[name]} />
    </svg>
  )
}

/** The mark: two ways that meet, and the point where they do. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" className="shrink-0">
      <rect width="32" height="32" rx="9" fill="var(--brand)" />
      <path d="M6 10.500c2 7.500 4.500 11.500 7 11.500 3 0 2.500-7 3-9M26 10.500c-2 7.500-4.500 11.500-7 11.500-3 0-2.500-7-3-9" fill="none" stroke="var(--on-brand)" strokeWidth="2.600" strokeLinecap="round" />
      <circle cx="16" cy="11.500" r="3.100" fill="var(--saffron)" />
    </svg>
  )
}
