import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { isProblem } from '../api/problem'
import { Button } from './Button'
import { cx } from './cx'
import { Icon, type IconName } from './icons'

/** What a person reads when something failed: the server's own sentence, or ours when there was no answer. */
export function useProblemText() {
  const { t } = useTranslation()
  return (e: unknown): string => {
    if (isProblem(e)) {
      if (e.unanswered) return t('error.unanswered')
      if (e.detail) return e.detail
    }
    return t('error.unknown')
  }
}

export function ErrorNote({ error, onRetry, className }: { error: unknown; onRetry?: () => void; className?: string }) {
  const { t } = useTranslation()
  const text = useProblemText()
  return (
    <div role="alert" className={cx('flex items-start gap-3 rounded-control border border-bad/40 bg-bad-soft p-3.5', className)}>
      <Icon name={isProblem(error) && error.unanswered ? 'offline' : 'warn'} className="mt-0.5 text-bad" />
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">{text(error)}</p>
        {onRetry && (
          <Button size="sm" className="mt-2" onClick={onRetry}>
            {t('action.retry')}
          </Button>
        )}
      </div>
    </div>
  )
}

export function Empty({ icon, title, children, action }: { icon: IconName; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-3 px-6 py-12 text-center">
      <span className="grid size-14 place-items-center rounded-full bg-brand-soft text-brand">
        <Icon name={icon} size={26} />
      </span>
      <p className="text-lg font-semibold">{title}</p>
      {children && <div className="max-w-sm text-muted">{children}</div>}
      {action}
    </div>
  )
}

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden="true" className={cx('sheen rounded-control', className)} />
}

/** Says once, to screen readers, that something loads; draws the given shapes for the rest. */
export function Loading({ children, label }: { children: ReactNode; label?: string }) {
  const { t } = useTranslation()
  return (
    <div role="status" aria-live="polite">
      <span className="sr-only">{label ?? t('state.loading')}</span>
      {children}
    </div>
  )
}

type Tone = 'neutral' | 'brand' | 'held' | 'good' | 'bad'
const tones: Record<Tone, string> = {
  neutral: 'bg-sunken text-ink',
  brand: 'bg-brand-soft text-brand',
  held: 'bg-held-soft text-held',
  good: 'bg-good-soft text-good',
  bad: 'bg-bad-soft text-bad',
}
export function Chip({ tone = 'neutral', children, className }: { tone?: Tone; children: ReactNode; className?: string }) {
  return <span className={cx('inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-xs font-semibold whitespace-nowrap', tones[tone], className)}>{children}</span>
}
export type { Tone }
