import type { ReactNode } from 'react'
import { cx } from '../design/cx'

export type Column = { name: string; end?: boolean; wide?: boolean }

/** Figures in rows and columns; what does not fit scrolls within, also by keyboard. */
export function Table({ label, columns, children, foot, least = '' }: { label: string; columns: Column[]; children: ReactNode; foot?: ReactNode; least?: string }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard
    <div className="relative overflow-x-auto rounded-card border border-edge bg-surface" tabIndex={0} role="region" aria-label={label}>
      <table className={cx('w-full text-sm', least)}>
        <thead>
          <tr className="border-b border-edge text-muted">
            {columns.map((c) => (
              <th key={c.name} scope="col" className={cx('px-3 py-2 font-semibold sm:px-4', c.end ? 'text-end' : 'text-start', c.wide && 'max-md:hidden')}>
                {c.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
        {foot && <tfoot className="bg-sunken font-semibold">{foot}</tfoot>}
      </table>
    </div>
  )
}

export const cell = 'px-3 py-2 align-top sm:px-4'
export const figure = `${cell} figures text-end whitespace-nowrap`
