import { useTranslation } from 'react-i18next'
import { useFormats, useNow } from '../app/context'
import { cx } from '../design/cx'
import { Icon } from '../design/icons'
import { readMeter } from './clock'
import type { CallView } from './engine'
import type { Quality } from './quality'
import { isOver, isSide, type SessionDoc } from './types'

/** Who one talks to, how well one hears them, and what it costs: seconds, so far, left. */
export function MeterBar({ doc, view }: { doc: SessionDoc; view: CallView }) {
  const { t } = useTranslation()
  const f = useFormats()
  const now = useNow(500, doc.meter.running_since !== undefined)
  const m = readMeter(doc, now, view.countedTo)
  const other = view.role === 'expert' ? 'client' : 'expert'
  const nameOf = (role: 'client' | 'expert') => Object.values(doc.participants).find((p) => p.role === role)?.name
  const both = () => t('call.supervise.both', { client: apart(nameOf('client') ?? t('call.supervise.client')), expert: apart(nameOf('expert') ?? t('call.supervise.expert')) })
  const paused = !m.running && !isOver(doc.state) && doc.state !== 'connecting'
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-edge bg-surface px-4 py-2.5">
      <div className="min-w-0 flex-1">
        {view.role === null || isSide(view.role) ? (
          <h1 className="truncate text-base font-bold">
            <bdi>{nameOf(other) ?? t(`call.with.${other}`)}</bdi>
          </h1>
        ) : (
          <h1 className="line-clamp-2 text-base leading-snug font-bold">{both()}</h1>
        )}
        <p className="flex items-center gap-2 text-sm text-muted">
          <span data-testid="call-state">{t(`call.state.${view.countedTo !== null && doc.state === 'live' ? 'reconnecting' : doc.state}`)}</span>
          {view.quality && <Hint quality={view.quality} />}
        </p>
      </div>
      <div className="text-end" role="timer" aria-label={t('call.meter')}>
        <p className={cx('figures text-xl leading-tight font-bold', paused && 'text-held')} data-testid="meter" data-running={m.running} data-seconds={m.seconds}>
          <bdi>{f.countdown(m.seconds * 1000)}</bdi>
        </p>
        <p className="figures text-sm text-muted">
          <bdi>{f.exact(m.cost)}</bdi> · <span className={m.left <= 60 ? 'font-semibold text-bad' : ''}>{t('call.left', { time: f.countdown(m.left * 1000) })}</span>
        </p>
      </div>
    </header>
  )
}

/** A name within a sentence, whichever way it is written. */
const apart = (name: string) => `\u2068${name}\u2069`

const tones: Record<Quality, string> = { good: 'text-good', fair: 'text-held', poor: 'text-bad' }

function Hint({ quality }: { quality: Quality }) {
  const { t } = useTranslation()
  return (
    <span className={cx('inline-flex items-center gap-1 font-semibold', tones[quality])} data-quality={quality}>
      <Icon name="signal" size={15} />
      {t(`call.quality.${quality}`)}
    </span>
  )
}
