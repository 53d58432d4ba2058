import { useId, type ReactNode } from 'react'
import { cx } from './cx'

type Option<T extends string> = { value: T; label: string; content?: ReactNode; lang?: string }

/** A few exclusive choices side by side: native radios, so arrows, forms and screen readers work as everywhere. */
export function Segments<T extends string>({ legend, hideLegend, value, options, onChange, className }: {
  legend: string
  hideLegend?: boolean
  value: T
  options: readonly Option<T>[]
  onChange: (v: T) => void
  className?: string
}) {
  const name = useId()
  return (
    <fieldset className={cx('min-w-0', className)}>
      <legend className={hideLegend ? 'sr-only' : 'mb-1.5 text-sm font-semibold'}>{legend}</legend>
      <div className="flex rounded-control border border-edge bg-sunken p-0.5">
        {options.map((o) => (
          <label
            key={o.value}
            className={cx(
              'relative flex min-h-9 flex-1 cursor-pointer items-center justify-center gap-1.5 rounded-[0.5rem] px-1.5 py-1 text-center text-[0.8125rem] leading-tight font-semibold sm:px-3 sm:text-sm sm:whitespace-nowrap has-focus-visible:outline-3 has-focus-visible:outline-focus',
              o.value === value ? 'bg-raised text-ink shadow-card' : 'text-muted hover:text-ink',
            )}
          >
            <input type="radio" name={name} value={o.value} checked={o.value === value} onChange={() => onChange(o.value)} className="absolute inset-0 cursor-pointer opacity-0" />
            {o.content}
            <span lang={o.lang}>{o.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
