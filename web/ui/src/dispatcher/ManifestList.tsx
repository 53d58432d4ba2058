import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Manifest, ManifestItem } from '../api/types'
import { useFormats } from '../app/context'
import { cx } from '../design/cx'
import { Chip } from '../design/feedback'
import { Towards } from '../design/transit'
import { stateTone } from '../rider/bookings'

/** The manifest names stops by their place in the pattern. */
export const stopName = (m: Manifest, index: number): string => m.stops.find((s) => s.index === index)?.name ?? ''

type Props = { manifest: Manifest; dense?: boolean; action?: (item: ManifestItem) => ReactNode }

export function ManifestList({ manifest, dense = false, action }: Props) {
  const { t } = useTranslation()
  const f = useFormats()
  return (
    <ul className="flex flex-col divide-y divide-edge" data-testid="manifest">
      {manifest.items.map((i) => (
        <li key={i.booking} data-booking={i.booking} data-state={i.state} className={cx('flex items-center gap-3', dense ? 'py-2' : 'min-h-16 py-2.5')}>
          <span className="figures grid size-9 shrink-0 place-items-center rounded-full bg-sunken text-sm font-bold" title={t('manifest.party')}>
            {f.n(i.party)}
          </span>
          <span className="min-w-0 flex-1">
            <span className="flex flex-wrap items-center gap-x-2">
              <bdi className="min-w-0 font-semibold break-words">{i.name ?? t('manifest.noName')}</bdi>
              {i.short && <bdi className="figures font-mono text-xs text-muted">{i.short}</bdi>}
            </span>
            <span className="flex flex-wrap gap-x-1.5 text-sm leading-5 text-muted">
              <bdi>{stopName(manifest, i.from)}</bdi>
              <Towards name={stopName(manifest, i.to)} wrap />
            </span>
          </span>
          {action?.(i) ?? <Chip tone={stateTone[i.state]}>{t(`booking.state.${i.state}`)}</Chip>}
        </li>
      ))}
    </ul>
  )
}
