import { Suspense, useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { isProblem } from '../api/problem'
import { useHttp } from '../app/context'
import { CallPage } from '../call'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'

type At = 'asking' | 'in' | 'leaving' | 'over' | { error: unknown }

/** A conversation as a supervisor hears it. They are let in by the server, which shows it to those who talk; then it is a call as any other. Who comes back listens. */
export function ListenPage({ id, home }: { id: string; home: string }) {
  const { t } = useTranslation()
  const http = useHttp()
  const [, go] = useLocation()
  const [at, setAt] = useState<At>('asking')
  useEffect(() => {
    const gone = new AbortController()
    http.post(`/v1/sessions/${id}/listen`, { key: crypto.randomUUID(), signal: gone.signal }).then(
      () => !gone.signal.aborted && setAt('in'),
      (error: unknown) => !gone.signal.aborted && setAt({ error }),
    )
    return () => gone.abort()
  }, [http, id])
  const over = useCallback(() => setAt('over'), [])
  const leave = useCallback(() => {
    setAt('leaving') // the call is hung up before anybody is asked
    http.post(`/v1/sessions/${id}/withdraw`, { key: crypto.randomUUID() }).then(
      () => go(home),
      (error: unknown) => (isProblem(error) && error.code === 'session_not_found' ? go(home) : setAt({ error })), // their part had ended, or ends without its page
    )
  }, [http, id, go, home])
  const waits = (
    <Loading>
      <Skeleton className="h-80 rounded-card" />
    </Loading>
  )
  if (at === 'in')
    return (
      <Suspense fallback={waits}>
        <CallPage session={id} home={home} onOver={over} onLeave={leave} />
      </Suspense>
    )
  if (at === 'asking' || at === 'leaving') return waits
  if (at === 'over') return <Empty icon="hangUp" title={t('queues.talkOver')} action={<Back home={home} />} />
  return (
    <div className="flex flex-col items-start gap-3">
      <ErrorNote error={at.error} />
      <Back home={home} />
    </div>
  )
}

function Back({ home }: { home: string }) {
  const { t } = useTranslation()
  return (
    <Link href={home} className="inline-flex min-h-11 items-center font-semibold text-brand underline">
      {t('queues.toBoard')}
    </Link>
  )
}
