import { cx } from '../design/cx'
import { Icon } from '../design/icons'

/** Several of a few, as chips. */
export function Checks({ legend, options, chosen, onChange, error, most }: { legend: string; options: [string, string][]; chosen: readonly string[]; onChange: (all: string[]) => void; error?: string | undefined; most?: number }) {
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-semibold">{legend}</legend>
      <div className="flex flex-wrap gap-2">
        {options.map(([value, label]) => {
          const on = chosen.includes(value)
          return (
            <label
              key={value}
              className={cx(
                'relative inline-flex min-h-11 cursor-pointer items-center gap-1.5 rounded-full border px-4 text-sm font-semibold has-focus-visible:outline-3 has-focus-visible:outline-focus',
                on ? 'border-brand bg-brand-soft text-brand' : 'border-control bg-surface text-ink',
              )}
            >
              <input
                type="checkbox"
                className="absolute inset-0 cursor-pointer opacity-0"
                checked={on}
                disabled={!on && most !== undefined && chosen.length >= most}
                onChange={() => onChange(on ? chosen.filter((c) => c !== value) : [...chosen, value])}
              />
              {on && <Icon name="check" size={16} />}
              {label}
            </label>
          )
        })}
      </div>
      {error && <p className="mt-1.5 text-sm font-medium text-bad">{error}</p>}
    </fieldset>
  )
}
