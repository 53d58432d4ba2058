import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useAction } from '../../app/action'
import { can, useFormats, useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Chip, ErrorNote, Loading, Skeleton } from '../../design/feedback'
import { Icon } from '../../design/icons'
import { PayoutLines } from './PayoutLines'
import { stateTone, type Payout } from './payouts'
import { useNews } from '../news'

type Step = 'approve' | 'send' | 'discard'

/** One run: who is paid, and what may be done with it next. Its maker cannot approve it, and is told so. */
export function PayoutRun({ id }: { id: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const me = useMe()
  const cache = useQueryClient()
  const pace = useNews('payouts', ['payouts', id])
  const q = useQuery({ queryKey: ['payouts', id], queryFn: ({ signal }) => http.get<Payout>(`/v1/payouts/${id}`, { signal }), refetchInterval: pace })
  const keep = useCallback(
    (p: Payout) => {
      cache.setQueryData(['payouts', id], p)
      void cache.invalidateQueries({ queryKey: ['payouts'], exact: true })
      return p
    },
    [cache, id],
  )
  const step = useAction(useCallback((s: Step, key: string) => http.post<Payout>(`/v1/payouts/${id}/${s}`, { key }).then(keep), [http, id, keep]))
  const file = useAction(
    useCallback(async () => {
      const got = await http.get<{ name: string; content: string }>(`/v1/payouts/${id}/file`)
      const url = URL.createObjectURL(new Blob([got.content], { type: 'text/csv;charset=utf-8' }))
      const a = Object.assign(document.createElement('a'), { href: url, download: got.name })
      a.click()
      URL.revokeObjectURL(url)
    }, [http, id]),
  )
  const p = q.data
  const mine = p?.made_by === me.id
  const set = p?.lines?.some((l) => l.sets?.some((s) => s.by === me.id)) ?? false
  const may = (permission: string) => can(me, permission)
  return (
    <section aria-label={t('payouts.title')}>
      <Link href="/finance/payouts" className="mb-2 inline-flex min-h-11 items-center gap-1.5 font-semibold text-brand">
        <Icon name="back" size={18} />
        {t('payouts.title')}
      </Link>
      {q.isError && <ErrorNote error={q.error} onRetry={() => void q.refetch()} className="mb-3" />}
      {!p ? (
        q.isPending && (
          <Loading>
            <Skeleton className="h-64 rounded-card" />
          </Loading>
        )
      ) : (
        <>
          <header className="mb-4 rounded-card border border-edge bg-surface p-4">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
              <h1 className="text-xl font-bold">{t(`payouts.rail.${p.rail}`)}</h1>
              <Chip tone={stateTone[p.state]}>{t(`payouts.state.${p.state}`)}</Chip>
              <span className="figures ms-auto text-2xl font-bold">{f.exact(p.total)}</span>
            </div>
            <p className="mt-1 text-sm text-muted">
              {t('payouts.people', { count: p.count, n: f.n(p.count) })} · {t('payouts.by', { name: p.made_by_name ?? '', date: f.dayMonth(p.made_at.slice(0, 10)) })}
              {p.approved_by_name && ` · ${t('payouts.approvedBy', { name: p.approved_by_name })}`}
            </p>
            <div className="mt-3 flex flex-wrap items-center gap-2">
              {p.state === 'draft' && may('payout.approve') && (
                <Button kind="primary" icon="check" disabled={mine || set} busy={step.busy} onClick={() => void step.act('approve')}>
                  {t('payouts.approve')}
                </Button>
              )}
              {p.state === 'approved' && may('payout.make') && (
                <Button kind="primary" icon="arrow" busy={step.busy} onClick={() => void step.act('send')}>
                  {t('payouts.send')}
                </Button>
              )}
              {(p.state === 'sent' || p.state === 'closed') && p.rail === 'bank-file' && may('payout.make') && (
                <Button kind={p.state === 'sent' ? 'primary' : 'quiet'} busy={file.busy} onClick={() => void file.act(undefined)}>
                  {t('payouts.file')}
                </Button>
              )}
              {(p.state === 'draft' || p.state === 'approved') && may('payout.make') && (
                <Button disabled={step.busy} onClick={() => void step.act('discard')}>
                  {t('payouts.discard')}
                </Button>
              )}
            </div>
            {p.state === 'draft' && mine && <p className="mt-2 text-sm text-muted">{t('payouts.ownHint')}</p>}
            {p.state === 'draft' && !mine && set && <p className="mt-2 text-sm text-muted">{t('payees.mine')}</p>}
            {p.state === 'sent' && p.rail === 'bank-file' && <p className="mt-2 text-sm text-muted">{t('payouts.sentHint')}</p>}
            {(step.error ?? file.error) !== null && <ErrorNote error={step.error ?? file.error} className="mt-3" />}
          </header>
          <PayoutLines payout={p} onChange={keep} />
        </>
      )}
    </section>
  )
}
