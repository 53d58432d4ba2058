import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useRef, useState, type RefObject } from 'react'
import { useTranslation } from 'react-i18next'

import { useFormats } from '../app/context'
import { cx } from '../design/cx'
import { Chip } from '../design/feedback'
import { statusTone } from './statusTone'
import { Icon } from '../design/icons'
import { LegBar, LineBadge, splitLine, Towards } from '../design/transit'
import { isOverloaded, loadOf, type Row } from './board'

const ROW_PX = 44
const VIRTUAL_FROM = 300
// Wide enough for three figures on either side of a stroke, in the widest of the fonts.
const columns = 'grid-cols-[3.6rem_minmax(0,1fr)_5.5rem] sm:grid-cols-[4.2rem_minmax(6rem,1fr)_9rem_7rem_7.5rem] 2xl:grid-cols-[4.2rem_minmax(9rem,1fr)_9rem_7rem_7.5rem_minmax(5rem,9rem)]'

type Props = {
  rows: readonly Row[]
  selected: string | null
  opened: string | null
  onSelect: (id: string) => void
  onOpen: (id: string) => void
  gridRef: RefObject<HTMLDivElement | null>
  stale: boolean
}

/**
 * A grid of trips: one tab stop, the selected row named by aria-activedescendant; beyond 300 rows only what is seen is drawn,
 * for which it scrolls by itself on a phone too.
 */
export function BoardGrid({ rows, selected, opened, onSelect, onOpen, gridRef, stale }: Props) {
  const { t } = useTranslation()
  const virtual = rows.length > VIRTUAL_FROM
  const v = useVirtualizer({ count: rows.length, enabled: virtual, getScrollElement: () => gridRef.current, estimateSize: () => ROW_PX, overscan: 12, scrollPaddingStart: 36 })
  const at = rows.findIndex((r) => r.id === selected)
  useEffect(() => {
    if (at < 0) return
    if (virtual) v.scrollToIndex(at, { align: 'auto' })
    else document.getElementById(`row-${rows[at]?.id ?? ''}`)?.scrollIntoView({ block: 'nearest' })
  }, [at, virtual]) // eslint-disable-line react-hooks/exhaustive-deps -- follows the selection, not each change of the rows

  // The day is long: the board opens where it happens, not at what is over. A large set comes in parts, so it goes on looking for
  // a moment, until somebody takes over.
  const opening = useRef(true)
  const takeOver = () => {
    opening.current = false
  }
  useEffect(() => {
    const settled = setTimeout(takeOver, 3000)
    return () => clearTimeout(settled)
  }, [])
  useEffect(() => {
    if (!opening.current) return
    const now = rows.findIndex((r) => r.d.status !== 'completed' && r.d.status !== 'cancelled')
    if (now > 3 && gridRef.current) gridRef.current.scrollTop = (now - 2) * ROW_PX
  }, [rows, gridRef])

  const draw = (i: number, top?: number) => {
    const r = rows[i]
    return r && <TripRow key={r.id} row={r} index={i} selected={r.id === selected} opened={r.id === opened} onSelect={onSelect} onOpen={onOpen} {...(top === undefined ? {} : { top })} />
  }
  return (
    <div
      ref={gridRef}
      onPointerDown={takeOver}
      onWheel={takeOver}
      onKeyDown={takeOver}
      role="grid"
      tabIndex={0}
      aria-label={t('nav.board')}
      aria-rowcount={rows.length + 1}
      aria-activedescendant={at >= 0 ? `row-${rows[at]?.id ?? ''}` : undefined}
      className={cx('relative min-h-0 flex-1 overflow-y-auto border-t max-lg:max-h-[calc(100dvh-8.5rem)] border-edge focus-visible:outline-2! -outline-offset-2!', stale && 'opacity-80 saturate-50')}
      data-testid="board"
      data-virtual={virtual}
    >
      <div role="row" aria-rowindex={1} className={cx('sticky top-0 z-10 grid items-center gap-x-3 border-b border-edge bg-surface px-4 py-1.5 text-xs font-semibold text-muted', columns)}>
        <span role="columnheader">{t('board.col.departure')}</span>
        <span role="columnheader">{t('board.col.line')}</span>
        <span role="columnheader">{t('board.col.load')}</span>
        <span role="columnheader" className="hidden sm:block">
          {t('board.col.boarded')}
        </span>
        <span role="columnheader" className="hidden sm:block">
          {t('board.col.status')}
        </span>
        <span role="columnheader" className="hidden 2xl:block">
          {t('board.col.vehicle')}
        </span>
      </div>
      {virtual ? (
        <div role="rowgroup" className="relative" style={{ height: v.getTotalSize() }}>
          {v.getVirtualItems().map((item) => draw(item.index, item.start))}
        </div>
      ) : (
        <div role="rowgroup">{rows.map((_, i) => draw(i))}</div>
      )}
    </div>
  )
}

type RowProps = { row: Row; index: number; selected: boolean; opened: boolean; onSelect: (id: string) => void; onOpen: (id: string) => void; top?: number }

const TripRow = memo(function TripRow({ row: { id, v, d }, index, selected, opened, onSelect, onOpen, top }: RowProps) {
  const { t } = useTranslation()
  const f = useFormats()
  const [code, name] = splitLine(d.line_name ?? '—')
  const touched = useTouched(v)
  const load = loadOf(d)
  const off = d.status === 'cancelled'
  return (
    // Keys belong to the grid (useBoardKeys): rows are never focused themselves.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={`row-${id}`}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-trip={id}
      data-v={v}
      onClick={() => {
        onSelect(id)
        onOpen(id)
      }}
      style={top === undefined ? undefined : { position: 'absolute', insetInline: 0, top: 0, transform: `translateY(${top}px)` }}
      className={cx(
        'grid h-11 scroll-mt-9 cursor-pointer items-center gap-x-3 border-b border-edge px-4 text-sm',
        columns,
        opened ? 'bg-brand-soft' : selected ? 'bg-sunken' : 'hover:bg-sunken',
        selected && 'shadow-[inset_3px_0_0_var(--brand)] rtl:shadow-[inset_-3px_0_0_var(--brand)]',
        off && 'text-muted',
      )}
    >
      <span role="gridcell" className="figures leading-tight">
        <bdi className={cx('block text-base leading-5 font-bold', off && 'line-through')}>{f.time(d.dep)}</bdi>
        {(d.delay_s ?? 0) !== 0 && !off && <Delay s={d.delay_s ?? 0} />}
      </span>
      <span role="gridcell" className="flex min-w-0 items-center gap-2" title={d.line_name}>
        <LineBadge name={code} color={d.color} />
        {d.headsign ? <Towards name={d.headsign} wrap className="font-medium [&_bdi]:leading-4" /> : <bdi className="truncate font-medium">{name}</bdi>}
        {d.incident && <Icon name="warn" size={16} className="text-held" />}
      </span>
      <span role="gridcell" className="grid grid-cols-[3rem_1fr] items-center gap-2 sm:grid-cols-[4rem_1fr]">
        <LegBar load={load} capacity={d.capacity} overload={d.overload} />
        <span key={touched} className={cx('figures justify-self-start rounded-sm font-semibold whitespace-nowrap', touched > 0 && 'animate-touched', isOverloaded(d) && 'text-bad')} data-testid="load">
          {f.n(Math.max(0, ...load))}
          <span className="hidden font-normal text-muted sm:inline">/{f.n(d.capacity)}</span>
        </span>
      </span>
      <span role="gridcell" className="figures hidden whitespace-nowrap sm:block">
        <span data-testid="boarded" className="font-semibold">
          {f.n(d.boarded ?? 0)}
        </span>
        <span className="text-muted">
          /<span data-testid="booked">{f.n((d.booked ?? 0))}</span>
          {(d.held ?? 0) > 0 && (
            <bdi dir="ltr" className="ms-1 text-held" title={t('board.figures.held')} data-testid="held">
              +{f.n(d.held ?? 0)}
            </bdi>
          )}
        </span>
      </span>
      <span role="gridcell" className="hidden sm:block">
        <Chip tone={statusTone[d.status]}>{t(`trip.status.${d.status}`)}</Chip>
      </span>
      <span role="gridcell" className="hidden min-w-0 leading-tight 2xl:block">
        <bdi className="block truncate">{d.vehicle ?? '—'}</bdi>
        {d.driver && <bdi className="block truncate text-xs text-muted">{d.driver}</bdi>}
      </span>
    </div>
  )
})

function Delay({ s }: { s: number }) {
  const f = useFormats()
  const m = Math.round(s / 60)
  return (
    <span className={cx('block text-xs font-semibold', s >= 300 ? 'text-bad' : 'text-held')}>
      <bdi dir="ltr">{m > 0 ? `+${f.n(m)}′` : `−${f.n(-m)}′`}</bdi>
    </span>
  )
}

/** Counts the changes of a row that happened while it was on the screen. */
function useTouched(v: number): number {
  const [seen, set] = useState({ v, n: 0 })
  if (seen.v !== v) set({ v, n: seen.n + 1 })
  return seen.n
}

