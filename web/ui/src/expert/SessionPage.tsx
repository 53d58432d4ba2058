import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Suspense, useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { useAction } from '../app/action'
import { useFormats, useHttp, useMe } from '../app/context'
import { AfterTalk } from '../client/afterTalk'
import { CallPage, isOver, useSession, type SessionDoc } from '../call'
import { Button } from '../design/Button'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Icon } from '../design/icons'
import type { Earnings } from './types'

/** One conversation of the expert's: the call, and when it is over what it brought, and the way back to the desk. */
export function SessionPage({ id }: { id: string }) {
  const { t } = useTranslation()
  const http = useHttp()
  const me = useMe().id
  const [, go] = useLocation()
  const { doc } = useSession(id)
  const withdraw = useAction(useCallback((_: null, key: string) => http.post(`/v1/sessions/${id}/withdraw`, { key }).then(() => true), [http, id]))
  const leave = useCallback(() => void withdraw.act(null).then((ok) => ok && go('/practice')), [withdraw, go])
  if (doc && isOver(doc.state))
    return doc.participants[me]?.role === 'expert' ? (
      <WrapUp id={id} doc={doc} />
    ) : (
      <Empty
        icon="hangUp"
        title={t('practice.over')}
        action={
          <Link href="/practice/earnings" className="inline-flex min-h-11 items-center font-semibold text-brand underline">
            {t('practice.earnings')}
          </Link>
        }
      >
        {t('practice.wasBeside')}
      </Empty>
    )
  return (
    <Suspense
      fallback={
        <Loading>
          <Skeleton className="h-80 rounded-card" />
        </Loading>
      }
    >
      <CallPage session={id} home="/practice" onLeave={leave} />
    </Suspense>
  )
}

function WrapUp({ id, doc }: { id: string; doc: SessionDoc }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const [, go] = useLocation()
  const done = useAction(useCallback((_: null, key: string) => http.post(`/v1/sessions/${id}/done`, { key }), [http, id]))
  const charged = doc.receipt?.charged_s ?? 0
  const q = useQuery({
    queryKey: ['earnings', 'of', id],
    queryFn: ({ signal }) => http.get<Earnings>('/v1/me/practice/earnings', { query: { limit: 20 }, signal }),
    enabled: charged > 0,
    refetchInterval: (x) => (x.state.data?.items.find((i) => i.id === id)?.part ? false : 2_000),
  })
  const part = q.data?.items.find((i) => i.id === id)?.part
  const finish = async () => {
    if (doc.state === 'wrap_up' && (await done.act(null)) === undefined) return
    void cache.invalidateQueries({ queryKey: ['going'] })
    void cache.invalidateQueries({ queryKey: ['practice'] })
    go('/practice')
  }
  return (
    <section aria-labelledby="wrap" className="flex flex-col gap-4 rounded-card border border-edge bg-surface p-5 shadow-card" data-testid="wrap-up" data-state={doc.state}>
      <div className="flex items-center gap-3">
        <span className="grid size-12 shrink-0 place-items-center rounded-full bg-brand-soft text-brand">
          <Icon name={charged > 0 ? 'check' : 'hangUp'} size={24} />
        </span>
        <div>
          <h1 id="wrap" className="text-xl font-bold">
            {t(charged > 0 ? 'practice.over' : 'practice.neverMet')}
          </h1>
          {doc.reason && <p className="text-muted">{t(`practice.reason.${doc.reason}`)}</p>}
        </div>
      </div>
      <dl className="flex flex-wrap justify-between gap-x-5 gap-y-3 rounded-control bg-sunken p-3.5">
        {(
          [
            ['practice.lasted', f.countdown(charged * 1000)],
            ['practice.cost', doc.receipt ? f.exact(doc.receipt.cost) : '–'],
            ['practice.yours', part ? f.exact(part) : charged > 0 ? t('practice.settling') : '–'],
          ] as const
        ).map(([label, value]) => (
          <div key={label} className="flex flex-col-reverse justify-end">
            <dt className="text-xs text-muted">{t(label)}</dt>
            <dd className="figures font-bold">
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      {doc.state === 'wrap_up' && <p className="text-sm text-muted">{t('practice.wrapHint')}</p>}
      {done.error !== null && <ErrorNote error={done.error} />}
      <Button kind="primary" size="lg" icon="check" busy={done.busy} onClick={() => void finish()} data-testid="done">
        {t(doc.state === 'wrap_up' ? 'practice.done' : 'practice.toDesk')}
      </Button>
      <Suspense fallback={null}>
        <AfterTalk session={id} />
      </Suspense>
      {doc.state !== 'wrap_up' && (
        <Link href="/practice/earnings" className="self-center font-semibold text-brand">
          {t('practice.earnings')}
        </Link>
      )}
    </section>
  )
}
