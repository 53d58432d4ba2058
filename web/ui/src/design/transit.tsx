import { useTranslation } from 'react-i18next'
import { useFormats } from '../app/context'
import { cx } from './cx'
import { Icon } from './icons'

/** Black or white, whichever reads better on the feed's colour. */
export function inkOn(color: string): string {
  const hex = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(color.trim())?.[1]
  if (!hex) return '#fff'
  const full = hex.length === 3 ? [...hex].map((c) => c + c).join('') : hex
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((i) => {
    const c = parseInt(full.slice(i, i + 2), 16) / 255
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#10201d' : '#fff'
}

const safe = (color: string | undefined) => (color && /^#?[0-9a-f]{3}([0-9a-f]{3})?$/i.test(color) ? (color.startsWith('#') ? color : `#${color}`) : undefined)

export function lineColor(color: string | undefined): string {
  return safe(color) ?? '#3f6f69'
}

/** A line's name in its own colour; a long name gives its first word to the badge. */
export function LineBadge({ name, color, className }: { name: string; color?: string | undefined; className?: string }) {
  const bg = lineColor(color)
  return (
    <span className={cx('inline-block max-w-28 shrink-0 rounded-md px-1.5 py-0.5 text-xs leading-5 font-bold', className)} style={{ background: bg, color: inkOn(bg) }}>
      <bdi className="block truncate">{name}</bdi>
    </span>
  )
}

/** «→ Casanearshore»: which way a trip runs. The name is a block of its own, so that it is cut at its end in either script. */
export function Towards({ name, className, wrap = false }: { name: string; className?: string; wrap?: boolean }) {
  const { t } = useTranslation()
  return (
    <span className={cx('flex min-w-0 items-center gap-1.5', className)}>
      <Icon name="arrow" size={16} />
      <span className="sr-only">{t('trip.towards')}</span>
      <bdi className={cx('min-w-0', wrap ? 'line-clamp-2' : 'truncate')}>{name}</bdi>
    </span>
  )
}

/** «L3 Sidi Maârouf – Casa Port» → ["L3", "Sidi Maârouf – Casa Port"]: a short code first, as feeds write it. */
export function splitLine(name: string): [string, string] {
  const m = /^(\S{1,6})\s+(?:[-–—:]\s*)?(.+)$/u.exec(name)
  return m?.[1] && m[2] && /\d/.test(m[1]) ? [m[1], m[2]] : [name, '']
}

/** Seats taken on each leg, one column a leg: where along the way the vehicle is full. */
export function LegBar({ load, capacity, overload, className }: { load: readonly number[]; capacity: number; overload?: readonly number[] | undefined; className?: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const most = Math.max(0, ...load)
  return (
    <span role="img" aria-label={t('board.loadLabel', { taken: f.n(most), capacity: f.n(capacity), legs: load.map((n) => f.n(n)).join(' · ') })} className={cx('flex h-6 items-end overflow-hidden', load.length > 12 ? '' : 'gap-px', className)}>
      {load.map((n, i) => {
        const share = capacity > 0 ? Math.min(1, n / capacity) : n > 0 ? 1 : 0
        const over = (overload?.[i] ?? 0) > 0
        const tone = over ? 'bg-bad' : share >= 1 ? 'bg-held' : 'bg-brand'
        return (
          <span key={i} className="relative h-full min-w-0 flex-1 overflow-hidden rounded-[1px] bg-sunken">
            <span className={cx('absolute inset-x-0 bottom-0 transition-[height] duration-300', tone)} style={{ height: `${Math.max(share * 100, n > 0 ? 10 : 0)}%` }} />
            {over && <span className="absolute inset-x-0 top-0 h-1 bg-bad" />}
          </span>
        )
      })}
    </span>
  )
}

/** From here to there: two stops on a way. */
export function WayRail({ color, className }: { color?: string | undefined; className?: string }) {
  const c = lineColor(color)
  return (
    <span aria-hidden="true" className={cx('flex flex-col items-center', className)}>
      <span className="size-3 rounded-full border-[3px]" style={{ borderColor: c }} />
      <span className="w-[3px] flex-1" style={{ background: c }} />
      <span className="size-3 rounded-full" style={{ background: c }} />
    </span>
  )
}
