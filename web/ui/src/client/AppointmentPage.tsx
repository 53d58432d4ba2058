import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { isProblem } from '../api/problem'
import { useAction } from '../app/action'
import { useFormats, useHttp } from '../app/context'
import { useChannel } from '../app/live'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Icon } from '../design/icons'
import { Sheet } from '../design/Sheet'
import { CardStep } from './CardStep'
import { Moment, Times } from './Times'
import type { Appointment, FreeTime, Funds } from './types'
import { useWake } from './wake'

/** A time that was booked: when it is, whether it is paid for, and another one. Once it has come, its place in the queue is shown instead. */
export default function AppointmentPage({ id }: { id: string }) {
  const { t } = useTranslation()
  const http = useHttp()
  const [, go] = useLocation()
  const cache = useQueryClient()
  const me = useChannel('me')
  const version = me.entities.get(`appointment/${id}`)?.v // whatever becomes of it, this changes
  const q = useQuery({ queryKey: ['appointment', id], queryFn: ({ signal }) => http.get<Appointment>(`/v1/appointments/${id}`, { signal }) })
  useEffect(() => {
    void cache.invalidateQueries({ queryKey: ['appointment', id] })
  }, [version, id, cache])
  const a = q.data
  useEffect(() => {
    if (a?.state === 'entered') go(`/advice/requests/${id}`, { replace: true })
  }, [a?.state, id, go])
  return (
    <div className="mx-auto flex w-full max-w-md flex-col gap-4">
      <h1 className="text-2xl font-bold tracking-tight">{t('book.mine')}</h1>
      {q.isPending && (
        <Loading>
          <Skeleton className="h-56 rounded-card" />
        </Loading>
      )}
      {q.isError && (isProblem(q.error) && q.error.status === 404 ? <Empty icon="calendar" title={q.error.detail} action={<Home />} /> : <ErrorNote error={q.error} onRetry={() => void q.refetch()} />)}
      {a && (a.state === 'booked' || a.state === 'funded' || a.state === 'unfunded' ? <ToCome a={a} /> : <Empty icon="calendar" title={a.state === 'entered' ? t('book.state.entered') : t('book.gone')} action={<Home />}>{a.state !== 'entered' && t('book.goneHint')}</Empty>)}
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

const tones = { booked: 'bg-brand-soft text-brand', funded: 'bg-good-soft text-good', unfunded: 'bg-held-soft text-held' }

function ToCome({ a }: { a: Appointment }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const wake = useWake()
  const [asking, setAsking] = useState<'move' | 'cancel' | null>(null)
  const [pending, setPending] = useState<string | null>(null)
  const fresh = useCallback(() => cache.invalidateQueries({ queryKey: ['appointment', a.id] }), [cache, a.id])
  const give = useAction(useCallback((funds: string) => http.post(`/v1/appointments/${a.id}/fund`, { body: { funds } }).then(() => (setPending(null), fresh())).then(() => true), [http, a.id, fresh]))
  const settle = give.act
  const pay = useAction(
    useCallback(
      async (_: null, key: string) => {
        const funds = await http.post<Funds>('/v1/requests/funds', { body: { ceiling: a.ceiling.amount, minutes: a.minutes, pay: a.method ? 'card' : 'wallet', ...(a.method ? { method: a.method } : {}) }, key })
        if (funds.payment && funds.payment.status !== 'authorised') setPending(funds.funds)
        else await settle(funds.funds)
        return true
      },
      [http, a, settle],
    ),
    `pay ${a.id}`,
  )
  const amount = f.money({ amount: a.ceiling.amount * a.minutes, currency: a.ceiling.currency })
  const state = a.state as keyof typeof tones
  if (pending) return <CardStep funds={pending} busy={give.busy} error={give.error} onHeld={() => void settle(pending)} onAgain={() => void settle(pending)} onGiveUp={() => setPending(null)} />
  return (
    <>
      <section className="flex flex-col gap-4 rounded-card border border-edge bg-surface p-6 shadow-card" data-testid="appointment" data-state={a.state}>
        <p className={cx('self-start rounded-full px-3 py-1 text-sm font-semibold', tones[state])}>{t(`book.state.${state}`)}</p>
        <p>
          <Moment time={a} zone={a.time_zone} />
        </p>
        <p className="flex items-start gap-2 text-sm text-muted">
          <Icon name="wallet" size={18} className="mt-0.5" />
          {t(`book.stateHint.${state}`, { amount })}
        </p>
        {state === 'unfunded' && (
          <>
            {(pay.error ?? give.error) !== null && <ErrorNote error={pay.error ?? give.error} />}
            <Button kind="primary" size="lg" busy={pay.busy || give.busy} onClick={() => void pay.act(null)}>
              {t('book.payNow', { amount })}
            </Button>
          </>
        )}
      </section>
      {wake.able && !wake.on && (
        <Button size="lg" busy={wake.busy} onClick={() => void wake.turn(true)}>
          {t('wait.wake')}
        </Button>
      )}
      <Button size="lg" icon="calendar" onClick={() => setAsking('move')}>
        {t('book.move')}
      </Button>
      <Button size="lg" onClick={() => setAsking('cancel')}>
        {t('book.cancel')}
      </Button>
      {asking === 'move' && <MoveSheet a={a} onClose={() => setAsking(null)} onDone={() => (setAsking(null), void fresh())} />}
      {asking === 'cancel' && <CancelSheet a={a} onClose={() => setAsking(null)} onDone={() => (setAsking(null), void fresh())} />}
    </>
  )
}

type Asked = { a: Appointment; onClose: () => void; onDone: () => void }

function MoveSheet({ a, onClose, onDone }: Asked) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const [time, setTime] = useState<FreeTime | null>(null)
  const move = useAction(useCallback((due_at: string, key: string) => http.post(`/v1/appointments/${a.id}/move`, { body: { due_at }, key }).then(() => true), [http, a.id]), `move ${a.id}`)
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('book.move')}>
      <div className="flex flex-col gap-4">
        <Times queue={a.queue} value={time} onChange={setTime} />
        {move.error !== null && <ErrorNote error={move.error} />}
        <Button kind="primary" size="lg" busy={move.busy} disabled={!time} onClick={() => time && void move.act(time.at).then((ok) => ok && onDone())}>
          {time ? t('book.moveTo', { time: f.moment(time.here) }) : t('book.move')}
        </Button>
      </div>
    </Sheet>
  )
}

function CancelSheet({ a, onClose, onDone }: Asked) {
  const { t } = useTranslation()
  const http = useHttp()
  const cancel = useAction(useCallback((_: null) => http.post(`/v1/appointments/${a.id}/cancel`).then(() => true), [http, a.id]))
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('book.cancelTitle')} description={t('book.cancelHint')}>
      <div className="flex flex-col gap-3">
        {cancel.error !== null && <ErrorNote error={cancel.error} />}
        <Button kind="danger" size="lg" busy={cancel.busy} onClick={() => void cancel.act(null).then((ok) => ok && onDone())}>
          {t('book.cancel')}
        </Button>
        <Button size="lg" onClick={onClose}>
          {t('book.keep')}
        </Button>
      </div>
    </Sheet>
  )
}
