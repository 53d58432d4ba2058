import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { isProblem } from '../api/problem'
import { useAction } from '../app/action'
import { useFormats, useHttp, useNow } from '../app/context'
import { firstDoc, useChannel } from '../app/live'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Icon } from '../design/icons'
import { Away } from './Away'
import { chime } from './chime'
import { LeaveSheet } from './LeaveSheet'
import type { Request, RequestDoc, Wait } from './types'
import { useTitle } from './useTitle'
import { useWake } from './wake'

/** The waiting room: where one is, how long it usually takes, and that nothing loses the place but leaving it. */
export default function WaitPage({ id }: { id: string }) {
  const { t } = useTranslation()
  const http = useHttp()
  const [, go] = useLocation()
  const live = useChannel(`request:${id}`)
  const doc = firstDoc<RequestDoc>(live)
  // What the owner of the queue says comes every two seconds: until then, and while nobody says, the server is asked.
  const q = useQuery({ queryKey: ['request', id], queryFn: ({ signal }) => http.get<Request>(`/v1/requests/${id}`, { signal }), refetchInterval: live.stale ? 5_000 : false })
  const state = doc?.state ?? q.data?.state
  const offer = doc?.offer ?? q.data?.offer
  useEffect(() => {
    if (state !== 'matched' || !offer) return
    chime()
    const h = setTimeout(() => go(`/advice/sessions/${offer}`, { replace: true }), 900) // long enough to read that somebody is there
    return () => clearTimeout(h)
  }, [state, offer, go])
  const wait = [...live.signals.values()].find((s) => s.sig === 'wait')?.d as Wait | undefined
  const position = wait?.position ?? q.data?.position
  const away = doc ? doc.callback : q.data?.callback
  useTitle(state === 'matched' ? t('wait.tabMatched') : state === 'waiting' && away ? null : state === 'waiting' && position ? t('wait.tab', { n: position }) : null)
  return (
    <div className="mx-auto flex w-full max-w-md flex-col gap-4">
      <h1 className="sr-only">{t('wait.title')}</h1>
      {state === undefined && q.isError ? (
        isProblem(q.error) && q.error.status === 404 ? (
          <Empty icon="clock" title={q.error.detail} action={<Home />} />
        ) : (
          <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
        )
      ) : state === undefined ? (
        <Loading>
          <Skeleton className="h-96 rounded-card" />
        </Loading>
      ) : state === 'waiting' && away ? (
        <Away id={id} callback={away} position={position} />
      ) : state === 'waiting' ? (
        <Waiting id={id} wait={wait} position={position} ringing={doc?.ringing ?? false} placedAt={doc?.placed_at ?? q.data?.placed_at} stale={live.stale && live.staleSince !== null} />
      ) : state === 'matched' && offer ? (
        <Empty icon="check" title={doc?.expert_name ?? t('wait.matched')} action={<Link href={`/advice/sessions/${offer}`} className="inline-flex min-h-12 items-center rounded-control bg-brand px-5 font-semibold text-on-brand">{t('wait.join')}</Link>}>
          {t('wait.connecting')}
        </Empty>
      ) : (
        <Empty icon="clock" title={t('wait.left')} action={<Home />}>
          {t('wait.leftHint')}
        </Empty>
      )}
    </div>
  )
}

const Home = () => {
  const { t } = useTranslation()
  return (
    <Link href="/advice" className="inline-flex min-h-11 items-center font-semibold text-brand underline">
      {t('wait.again')}
    </Link>
  )
}

type Props = { id: string; wait: Wait | undefined; position: number | undefined; ringing: boolean; placedAt: string | undefined; stale: boolean }

function Waiting({ id, wait, position, ringing, placedAt, stale }: Props) {
  const { t } = useTranslation()
  const f = useFormats()
  const now = useNow(1_000)
  const [leaving, setLeaving] = useState(false)
  const wake = useWake()
  const http = useHttp()
  const callMe = useAction(useCallback((_: null) => http.post<Request>(`/v1/requests/${id}/call-me`), [http, id]))
  const [low, high] = [wait?.low_s, wait?.high_s]
  const span = (s: number) => f.span(Math.max(0, s) * 1000)
  return (
    <>
      <section className="flex flex-col items-center gap-5 rounded-card border border-edge bg-surface p-6 text-center shadow-card" data-testid="waiting" data-position={position}>
        <div className="relative grid size-44 place-items-center">
          <span aria-hidden="true" className={cx('absolute inset-0 rounded-full', ringing ? 'animate-breathe bg-held-soft' : 'bg-brand-soft')} />
          <span aria-hidden="true" className="absolute inset-4 rounded-full bg-surface" />
          <p className="relative" aria-live="polite">
            <span className="block text-sm font-semibold text-muted">{t(position === 1 ? 'wait.next' : 'wait.position')}</span>
            <span className="figures block text-5xl font-bold">{position === undefined ? '–' : f.n(position)}</span>
          </p>
        </div>
        <p className={cx('flex items-center gap-2 font-semibold', ringing ? 'text-held' : 'text-muted')} role="status">
          <Icon name={ringing ? 'people' : 'search'} />
          {t(ringing ? 'wait.ringing' : 'wait.looking')}
        </p>
        <div>
          <p className="text-lg font-semibold">{low !== undefined && high !== undefined ? t('wait.range', { low: span(low), high: span(high) }) : t('wait.unknown')}</p>
          {placedAt && <p className="figures mt-1 text-sm text-muted">{t('wait.elapsed', { time: f.countdown(now - Date.parse(placedAt)) })}</p>}
        </div>
        {stale && <p className="rounded-control bg-held-soft px-3 py-1.5 text-sm font-semibold text-held">{t('wait.stale')}</p>}
      </section>
      <p className="flex items-start gap-3 rounded-control bg-brand-soft p-3.5 text-sm font-medium text-brand">
        <Icon name="lock" className="mt-0.5" />
        {t('wait.keeps')}
      </p>
      {wake.able && !wake.on && (
        <Button size="lg" busy={wake.busy} onClick={() => void wake.turn(true)} data-testid="wake">
          {t('wait.wake')}
        </Button>
      )}
      {wait?.callback && (
        <>
          {callMe.error !== null && <ErrorNote error={callMe.error} />}
          <Button size="lg" busy={callMe.busy} onClick={() => void callMe.act(null)}>
            {t('wait.callMe')}
          </Button>
          <p className="-mt-2 text-center text-sm text-muted">{t('wait.callMeHint')}</p>
        </>
      )}
      <Button size="lg" onClick={() => setLeaving(true)}>
        {t('wait.leave')}
      </Button>
      {leaving && <LeaveSheet id={id} onClose={() => setLeaving(false)} />}
    </>
  )
}
