import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useFormats, useHttp } from '../app/context'
import { useLink } from '../app/live'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Icon } from '../design/icons'
import { Segments } from '../design/Segments'
import { useWake } from '../client/wake'
import { Bell } from './Bell'
import { useGoing, useIntend, usePractice } from './practice'
import { unlockSound } from './rings'
import type { Earnings, Intent, Practice } from './types'

/** The expert's first screen: am I there, can I be rung, what does today bring. */
export function DeskPage({ ringing, muted, mute }: { ringing: boolean; muted: boolean; mute: (m: boolean) => void }) {
  const { t } = useTranslation()
  const practice = usePractice()
  const going = useGoing()
  if (practice.isPending)
    return (
      <Loading>
        <Skeleton className="h-44 rounded-card" />
      </Loading>
    )
  if (practice.data === undefined) return <ErrorNote error={practice.error} onRetry={() => void practice.refetch()} />
  if (practice.data === null)
    return (
      <Empty
        icon="star"
        title={t('practice.none')}
        action={
          <Link href="/practice/profile" className="inline-flex min-h-11 items-center rounded-control bg-brand px-4 font-semibold text-on-brand">
            {t('practice.apply')}
          </Link>
        }
      >
        {t('practice.noneHint')}
      </Empty>
    )
  return (
    <>
      <h1 className="sr-only">{t('practice.desk')}</h1>
      {practice.isError && <ErrorNote error={practice.error} onRetry={() => void practice.refetch()} />}
      {going.map((s) => (
        <Link key={s.id} href={`/practice/session/${s.id}`} className="flex min-h-14 items-center gap-3 rounded-card bg-brand px-4 font-semibold text-on-brand" data-testid="going">
          <Icon name="chat" />
          <span className="flex-1">{t(s.state === 'wrap_up' ? 'practice.toWrapUp' : 'practice.toCall')}</span>
          <Icon name="next" />
        </Link>
      ))}
      <Availability practice={practice.data} ringing={ringing} muted={muted} mute={mute} />
      <Wake />
      <Today />
    </>
  )
}

/** Rung also when no page is open. */
function Wake() {
  const { t } = useTranslation()
  const wake = useWake()
  if (!wake.able) return null
  return (
    <section className="flex flex-col gap-2 rounded-card border border-edge bg-surface p-4">
      <label className="flex min-h-11 items-center gap-3 font-semibold">
        <input type="checkbox" className="size-5 accent-brand" checked={wake.on} disabled={wake.busy} onChange={(e) => void wake.turn(e.target.checked)} data-testid="wake" />
        {t('practice.wake')}
      </label>
      <p className="text-sm text-muted">{t('practice.wakeHint')}</p>
      {wake.error !== null && <ErrorNote error={wake.error} />}
    </section>
  )
}

function Availability({ practice: p, ringing, muted, mute }: { practice: Practice; ringing: boolean; muted: boolean; mute: (m: boolean) => void }) {
  const { t } = useTranslation()
  const link = useLink()
  const intend = useIntend()
  const choose = (intent: Intent) => {
    unlockSound()
    void intend.act(intent)
  }
  const away = !link.current
  const state = p.state !== 'approved' ? p.state : p.suspended ? 'suspended' : p.intent !== 'available' ? p.intent : away ? 'away' : p.asked ? 'asked' : ringing ? 'ringing' : 'ready'
  const tone = { ready: 'bg-good-soft text-good', ringing: 'bg-brand-soft text-brand', break: 'bg-held-soft text-held', asked: 'bg-held-soft text-held', away: 'bg-held-soft text-held', off: 'bg-sunken text-ink', applied: 'bg-held-soft text-held', refused: 'bg-bad-soft text-bad', suspended: 'bg-bad-soft text-bad' }[state]
  return (
    <section aria-label={t('practice.availability')} className="flex flex-col gap-4 rounded-card border border-edge bg-surface p-4 shadow-card">
      <div role="status" aria-live="polite" data-testid="state" data-state={state} className={cx('flex items-center gap-3 rounded-control px-4 py-3.5', tone)}>
        <span aria-hidden="true" className={cx('size-3 shrink-0 rounded-full bg-current', state === 'ready' && 'motion-safe:animate-breathe')} />
        <span className="min-w-0 flex-1">
          <span className="block text-lg leading-snug font-bold">{t(`practice.state.${state}`)}</span>
          <span className="block text-sm">{t(`practice.hint.${state}`)}</span>
        </span>
        {state === 'asked' && (
          <Button kind="primary" busy={intend.busy} onClick={() => choose('available')} data-testid="here">
            {t('practice.here')}
          </Button>
        )}
      </div>
      {p.state === 'approved' && !p.suspended && (
        <Segments
          legend={t('practice.availability')}
          hideLegend
          value={p.intent}
          onChange={choose}
          options={[
            { value: 'available', label: t('practice.intent.available') },
            { value: 'break', label: t('practice.intent.break') },
            { value: 'off', label: t('practice.intent.off') },
          ]}
        />
      )}
      {intend.error !== null && <ErrorNote error={intend.error} />}
      <div className="flex items-center gap-2 text-sm text-muted">
        <span className="flex-1">{t(muted ? 'practice.muted' : 'practice.sounds')}</span>
        <button
          type="button"
          aria-label={t(muted ? 'practice.unmute' : 'practice.mute')}
          className="inline-flex size-11 items-center justify-center rounded-control text-ink hover:bg-sunken"
          onClick={() => {
            unlockSound()
            mute(!muted)
          }}
        >
          <Bell off={muted} />
        </button>
      </div>
    </section>
  )
}

function Today() {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const q = useQuery({ queryKey: ['earnings', 'desk'], queryFn: ({ signal }) => http.get<Earnings>('/v1/me/practice/earnings', { query: { limit: 1 }, signal }), refetchInterval: 30_000 })
  if (!q.data) return q.isError ? <ErrorNote error={q.error} onRetry={() => void q.refetch()} /> : null
  return (
    <Link href="/practice/earnings" className="flex items-center gap-4 rounded-card border border-edge bg-surface p-4 hover:border-control">
      <dl className="grid flex-1 grid-cols-3 gap-3">
        {(
          [
            ['practice.today', f.money(q.data.today.part)],
            ['practice.sessions', f.n(q.data.today.sessions)],
            ['practice.talked', f.minutes(q.data.today.talked_s)],
          ] as const
        ).map(([label, value]) => (
          <div key={label} className="flex flex-col-reverse justify-end">
            <dt className="text-xs text-muted">{t(label)}</dt>
            <dd className="figures font-bold whitespace-nowrap">
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <Icon name="next" className="text-muted" />
    </Link>
  )
}
