import type { ButtonHTMLAttributes, Ref } from 'react'
import { cx } from './cx'
import { Icon, type IconName } from './icons'

type Kind = 'primary' | 'quiet' | 'plain' | 'danger'

const kinds: Record<Kind, string> = {
  primary: 'bg-brand text-on-brand hover:bg-brand-strong border-transparent',
  quiet: 'bg-surface text-ink border-control hover:bg-sunken',
  plain: 'bg-transparent text-ink border-transparent hover:bg-sunken',
  danger: 'bg-bad text-on-bad border-transparent hover:brightness-110',
}

const look = 'inline-flex items-center justify-center gap-2 py-1.5 rounded-control border font-semibold transition-colors select-none'
const sizes = { lg: 'min-h-12 px-5 text-base', md: 'min-h-11 px-4 text-[0.9375rem]', sm: 'min-h-8 px-2.5 text-sm' }

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  kind?: Kind
  size?: keyof typeof sizes
  icon?: IconName
  busy?: boolean
  ref?: Ref<HTMLButtonElement>
}

/** A disabled button stays readable: it says what cannot be done yet. */
export function Button({ kind = 'quiet', size = 'md', icon, busy = false, className, children, disabled, type = 'button', ...rest }: Props) {
  return (
    <button
      type={type}
      className={cx(look, sizes[size], disabled ? 'cursor-not-allowed border-edge bg-sunken text-muted' : kinds[kind], className)}
      disabled={disabled}
      aria-busy={busy || undefined}
      {...rest}
    >
      {busy ? <Spinner /> : icon && <Icon name={icon} size={size === 'sm' ? 16 : 20} />}
      {children}
    </button>
  )
}

export function IconButton({ label, icon, className, size = 'md', ...rest }: Omit<Props, 'children' | 'kind'> & { label: string; icon: IconName }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cx('inline-flex items-center justify-center rounded-control text-ink hover:bg-sunken disabled:text-muted', size === 'sm' ? 'size-8' : 'size-11', className)}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  )
}

export function Spinner({ size = 18 }: { size?: number }) {
  return <span aria-hidden="true" style={{ width: size, height: size }} className="inline-block animate-spin rounded-full border-2 border-current border-e-transparent" />
}
