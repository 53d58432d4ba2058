import { useId, type InputHTMLAttributes, type ReactNode, type Ref } from 'react'
import { cx } from './cx'
import { Icon } from './icons'

export const inputLook =
  'w-full min-h-12 rounded-control border border-control bg-raised px-3.5 text-base text-ink placeholder:text-muted aria-invalid:border-bad aria-invalid:border-2'

type Props = InputHTMLAttributes<HTMLInputElement> & { label: string; hint?: string; error?: string | undefined; end?: ReactNode; ref?: Ref<HTMLInputElement> }

/** Label above, hint and error below and tied to the input, so that each is read with it. */
export function Field({ label, hint, error, end, className, ...rest }: Props) {
  const id = useId()
  const about = [error && `${id}-e`, hint && `${id}-h`].filter(Boolean).join(' ')
  return (
    <div className={cx('flex flex-col gap-1.5', className)}>
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
      </label>
      <div className="relative">
        <input id={id} className={cx(inputLook, end ? 'pe-12' : '')} aria-invalid={error ? true : undefined} aria-describedby={about || undefined} {...rest} />
        {end && <div className="absolute inset-y-0 end-0.5 flex items-center">{end}</div>}
      </div>
      {hint && (
        <p id={`${id}-h`} className="text-sm text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-e`} className="text-sm font-medium text-bad">
          {error}
        </p>
      )}
    </div>
  )
}

export function Select({ label, className, children, hideLabel, ...rest }: React.SelectHTMLAttributes<HTMLSelectElement> & { label: string; hideLabel?: boolean }) {
  const id = useId()
  return (
    <div className={cx('flex flex-col gap-1.5', className)}>
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'text-sm font-semibold'}>
        {label}
      </label>
      {/* Our own chevron: the browser's sticks to the border from right to left. */}
      <div className="relative">
        <select id={id} className="min-h-9 w-full appearance-none rounded-control border border-control bg-raised ps-2.5 pe-8 text-sm text-ink" {...rest}>
          {children}
        </select>
        <Icon name="down" size={16} className="pointer-events-none absolute inset-y-0 end-2.5 my-auto text-muted" />
      </div>
    </div>
  )
}
