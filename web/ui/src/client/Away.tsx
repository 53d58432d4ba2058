import { useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useFormats, useHttp, useNow } from '../app/context'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { ErrorNote } from '../design/feedback'
import { Icon } from '../design/icons'
import { chime } from './chime'
import { LeaveSheet } from './LeaveSheet'
import type { Callback, Request } from './types'
import { useTitle } from './useTitle'
import { useWake } from './wake'

/** Somebody who went, and is called when their turn comes. Whoever looks at this may say at any time that they are there. */
export function Away({ id, callback, position }: { id: string; callback: Callback; position: number | undefined }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const now = useNow(1_000)
  const wake = useWake()
  const [leaving, setLeaving] = useState(false)
  const here = useAction(useCallback((_: null) => http.post<Request>(`/v1/requests/${id}/here`), [http, id]))
  const left = callback.call_until === undefined ? 0 : Date.parse(callback.call_until) - now
  const called = left > 0
  useEffect(() => {
    if (!called) return
    chime()
    const h = setInterval(chime, 3_000)
    return () => clearInterval(h)
  }, [called])
  useTitle(called ? t('wait.tabCalled') : null)
  return (
    <>
      <section className={cx('flex flex-col items-center gap-4 rounded-card border p-6 text-center shadow-card', called ? 'border-brand bg-brand-soft' : 'border-edge bg-surface')} data-testid="away" data-called={called}>
        <Icon name={called ? 'signal' : 'clock'} size={36} className={called ? 'animate-breathe text-brand' : 'text-muted'} />
        <div role="status" className="flex flex-col gap-1">
          <h2 className="text-xl font-bold">{t(called ? 'wait.called' : 'wait.away')}</h2>
          {called ? <span className="sr-only">{t('wait.come')}</span> : <p className="text-muted">{t(callback.calls > 0 ? 'wait.missed' : 'wait.awayHint')}</p>}
        </div>
        {called && <p className="figures font-semibold">{t('wait.calledHint', { time: f.countdown(left) })}</p>}
        {!called && position !== undefined && (
          <p className="text-sm font-semibold text-muted">
            {t('wait.position')} <span className="figures">{f.n(position)}</span>
          </p>
        )}
        {here.error !== null && <ErrorNote error={here.error} />}
        <Button kind={called ? 'primary' : 'quiet'} size="lg" className="w-full" busy={here.busy} onClick={() => void here.act(null)}>
          {t(called ? 'wait.come' : 'wait.comeNow')}
        </Button>
      </section>
      {wake.able && !wake.on && !called && (
        <>
          <p className="text-center text-sm text-muted">{t('wait.awayWake')}</p>
          <Button size="lg" busy={wake.busy} onClick={() => void wake.turn(true)}>
            {t('wait.wake')}
          </Button>
        </>
      )}
      <Button size="lg" onClick={() => setLeaving(true)}>
        {t('wait.leave')}
      </Button>
      {leaving && <LeaveSheet id={id} onClose={() => setLeaving(false)} />}
    </>
  )
}
