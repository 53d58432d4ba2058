import type { ReactNode } from 'react'
import { cx } from '../design/cx'
import { Icon, type IconName } from '../design/icons'

/** One thing that whoever is in the call should know now. */
export function Notice({ tone, icon, action, testid, children }: { tone: 'held' | 'bad'; icon: IconName; action?: ReactNode; testid?: string; children: ReactNode }) {
  return (
    <div data-testid={testid} className={cx('pointer-events-auto flex w-full max-w-md items-center gap-3 rounded-control px-3.5 py-2.5 text-sm font-semibold shadow-card', tone === 'bad' ? 'bg-bad-soft text-bad' : 'bg-held-soft text-held')}>
      <Icon name={icon} />
      <span className="min-w-0 flex-1">{children}</span>
      {action}
    </div>
  )
}
