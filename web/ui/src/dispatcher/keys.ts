import { useEffect, type RefObject } from 'react'
import type { Row } from './board'

type Keys = {
  rows: readonly Row[]
  selected: string | null
  select: (id: string | null) => void
  opened: string | null
  open: (id: string | null) => void
  filter: RefObject<HTMLInputElement | null>
  grid: RefObject<HTMLDivElement | null>
}

/** The board without a mouse: j k or arrows, Enter, /, Escape. Keys typed into a field stay the field's. */
export function useBoardKeys({ rows, selected, select, opened, open, filter, grid }: Keys) {
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey) return
      const target = e.target as HTMLElement
      const typing = target.closest('input, select, textarea, [role="dialog"]') !== null
      if (e.key === 'Escape') {
        if (target === filter.current) grid.current?.focus()
        else if (opened) {
          open(null)
          grid.current?.focus()
        }
        return
      }
      if (typing) {
        if (target === filter.current && (e.key === 'ArrowDown' || e.key === 'Enter')) {
          e.preventDefault()
          select(rows[0]?.id ?? null)
          grid.current?.focus()
        }
        return
      }
      const at = rows.findIndex((r) => r.id === selected)
      const go = (i: number) => {
        e.preventDefault()
        const next = rows[Math.max(0, Math.min(rows.length - 1, i))]
        if (!next) return
        select(next.id)
        if (opened) open(next.id)
        // From a button or from nowhere the keys lead into the grid; an open panel keeps its focus.
        if (!target.closest('[data-testid="panel"]')) grid.current?.focus({ preventScroll: true })
      }
      const inGrid = target === document.body || grid.current?.contains(target)
      if (e.key === '/') {
        e.preventDefault()
        filter.current?.focus()
        filter.current?.select()
      } else if (e.key === 'j' || (inGrid && e.key === 'ArrowDown')) go(at + 1)
      else if (e.key === 'k' || (inGrid && e.key === 'ArrowUp')) go(at < 0 ? 0 : at - 1)
      else if (inGrid && e.key === 'PageDown') go(at + 10)
      else if (inGrid && e.key === 'PageUp') go(at - 10)
      else if (inGrid && e.key === 'Home') go(0)
      else if (inGrid && e.key === 'End') go(rows.length - 1)
      else if (inGrid && e.key === 'Enter' && selected) {
        e.preventDefault()
        open(selected)
      }
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [rows, selected, select, opened, open, filter, grid])
}
