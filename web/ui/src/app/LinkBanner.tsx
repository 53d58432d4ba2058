import type { ReplicaStatus } from '@waymeet/sdk'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { cx } from '../design/cx'
import { Icon } from '../design/icons'
import { useFormats } from './context'
import { useLink } from './live'

const GRACE_MS = 1_200 // a reconnection shorter than a blink is nobody's news

/**
 * Says that what is on the screen may be old, and how old. `strict` is for boards: no grace at all,
 * because a board that is quietly stale is the one thing that must never happen to a dispatcher.
 */
export function LinkBanner({ strict = false, className }: { strict?: boolean; className?: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const link = useLink()
  const stale = !link.current && link.staleSince !== null
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!stale) return
    const tick = () => setNow(Date.now())
    tick()
    const h = setInterval(tick, 500)
    return () => clearInterval(h)
  }, [stale])
  const age = link.staleSince === null ? 0 : Math.max(0, now - link.staleSince)
  const shown = stale && (strict || age > GRACE_MS)
  return (
    <div role="status" aria-live="polite" data-testid="link" data-state={shown ? 'stale' : link.current ? 'current' : 'connecting'} className={cx(shown ? 'mb-3' : 'contents', shown && className)}>
      {shown && (
        <div className="flex items-center gap-3 rounded-control bg-held-soft px-3.5 py-2.5 text-sm font-semibold text-held">
          <Icon name={link.reason === 'offline' ? 'offline' : 'warn'} />
          <span className="flex-1">
            {link.reason === 'offline' ? t('link.offline') : link.reason === 'replaced' ? t('link.replaced') : t('link.stale')}{' '}
            {/* The age changes each second: read once with the sentence, not announced again. */}
            <span className="figures font-medium" aria-hidden="true">
              {t('link.age', { age: f.span(age) })}
            </span>
          </span>
        </div>
      )}
    </div>
  )
}

/** Green only when the link stands and what the screen shows is current: a channel that was refused or closed is not live. */
export function LiveDot({ status, className }: { status: ReplicaStatus; className?: string }) {
  const { t } = useTranslation()
  const link = useLink()
  const current = link.current && status === 'current'
  const waiting = status === 'loading' && link.staleSince === null
  const text = current ? t('link.live') : waiting ? t('link.connecting') : t('link.notLive')
  return (
    <span className={cx('inline-flex items-center gap-1.5 text-sm font-semibold', current ? 'text-good' : 'text-held', className)}>
      <span aria-hidden="true" className={cx('size-2 rounded-full bg-current', !current && 'animate-breathe')} />
      {text}
    </span>
  )
}
