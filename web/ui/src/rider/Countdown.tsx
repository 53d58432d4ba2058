import { useTranslation } from 'react-i18next'
import { useFormats } from '../app/context'

const R = 52
const ROUND = 2 * Math.PI * R

/** The time left of a hold, as a ring and as figures; spoken once a minute, then at 30 seconds. */
export function Countdown({ leftMs, totalMs }: { leftMs: number; totalMs: number }) {
  const { t } = useTranslation()
  const f = useFormats()
  const left = Math.max(0, leftMs)
  const share = Math.min(1, left / totalMs)
  const spoken = left > 30_000 ? Math.ceil(left / 60_000) * 60_000 : left > 0 ? 30_000 : 0
  const tone = left < 60_000 ? 'var(--bad)' : 'var(--held)'
  return (
    <div role="timer" className="relative size-36" data-testid="countdown">
      <svg viewBox="0 0 120 120" className="size-full -rotate-90 rtl:-scale-y-100" aria-hidden="true">
        <circle cx="60" cy="60" r={R} fill="none" stroke="var(--sunken)" strokeWidth="8" />
        <circle cx="60" cy="60" r={R} fill="none" stroke={tone} strokeWidth="8" strokeLinecap="round" strokeDasharray={ROUND} strokeDashoffset={ROUND * (1 - share)} />
      </svg>
      <span aria-hidden="true" className="figures absolute inset-0 grid place-items-center text-3xl font-bold">
        {f.countdown(left)}
      </span>
      <span className="sr-only" aria-live="polite">
        {t('booking.timeLeft', { time: f.span(spoken) })}
      </span>
    </div>
  )
}
