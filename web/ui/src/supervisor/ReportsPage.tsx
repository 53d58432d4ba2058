import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useFormats, useHttp } from '../app/context'
import { Button } from '../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Field } from '../design/Field'
import { Segments } from '../design/Segments'
import { Sheet } from '../design/Sheet'

type Reason = 'abuse' | 'fraud' | 'unqualified' | 'other'
type Outcome = 'dismissed' | 'warned' | 'suspended'
type Report = { id: string; session: string; by: string; by_name: string; about: string; about_name: string; about_expert: boolean; of_them: number; reason: Reason; words: string; at: string; outcome?: Outcome; note?: string }
type Evidence = Report & { messages: { n: number; by: string; body: string; at: string }[] }

/** What people say of each other, with what was written between them. */
export function ReportsPage({ decides }: { decides: boolean }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const [all, setAll] = useState<'open' | 'all'>('open')
  const [picked, setPicked] = useState<string | null>(null)
  const q = useQuery({ queryKey: ['reports', all], queryFn: ({ signal }) => http.get<{ items: Report[] }>('/v1/reports', { query: { limit: 100, ...(all === 'all' ? { all: 'true' } : {}) }, signal }), refetchInterval: 30_000 })
  return (
    <div className="mx-auto flex w-full max-w-3xl flex-col gap-3">
      <h1 className="sr-only">{t('reports.title')}</h1>
      <Segments
        className="self-start"
        legend={t('queues.state')}
        hideLegend
        value={all}
        onChange={setAll}
        options={[
          { value: 'open', label: t('reports.open') },
          { value: 'all', label: t('queues.all') },
        ]}
      />
      {q.isError && <ErrorNote error={q.error} onRetry={() => void q.refetch()} />}
      {q.isPending && (
        <Loading>
          <Skeleton className="h-64 rounded-card" />
        </Loading>
      )}
      {q.data?.items.length === 0 && <Empty icon="people" title={t('reports.none')} />}
      {q.data && q.data.items.length > 0 && (
        <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {q.data.items.map((r) => (
            <li key={r.id} className="flex flex-wrap items-center gap-3 px-4 py-3">
              <span className="min-w-0 flex-1">
                <span className="block font-semibold">
                  <bdi>{t('reports.about', { about: r.about_name, by: r.by_name })}</bdi>
                </span>
                <span className="block text-sm text-muted">
                  {f.moment(r.at)} · {t(`reports.reason.${r.reason}`)}
                </span>
              </span>
              {r.of_them > 1 && <Chip tone="held">{t('reports.ofThem', { n: f.n(r.of_them) })}</Chip>}
              {r.outcome && <Chip>{t(`reports.outcome.${r.outcome}`)}</Chip>}
              {decides && (
                <Button size="sm" onClick={() => setPicked(r.id)}>
                  {t('reports.look')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {picked && <ReportSheet id={picked} onClose={() => setPicked(null)} />}
    </div>
  )
}

function ReportSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const [note, setNote] = useState('')
  // Reading what others wrote leaves a trace: once for each look.
  const q = useQuery({ queryKey: ['report', id], queryFn: ({ signal }) => http.get<Evidence>(`/v1/reports/${id}`, { signal }), staleTime: Infinity })
  const decide = useAction(
    useCallback(
      async (outcome: Outcome) => {
        await http.post<Report>(`/v1/reports/${id}/decide`, { body: { outcome, note } })
        void cache.invalidateQueries({ queryKey: ['reports'] })
        void cache.invalidateQueries({ queryKey: ['practices'] })
        return true
      },
      [http, id, note, cache],
    ),
  )
  const say = (outcome: Outcome) => void decide.act(outcome).then((ok) => ok && onClose())
  const r = q.data
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('reports.title')} description={r ? t('reports.about', { about: r.about_name, by: r.by_name }) : ''} place="side">
      {q.isError && <ErrorNote error={q.error} onRetry={() => void q.refetch()} />}
      {r && (
        <div className="flex flex-col gap-4">
          <p className="rounded-control bg-sunken p-3.5">
            <span className="block text-sm font-semibold text-muted">{t(`reports.reason.${r.reason}`)}</span>
            <bdi>{r.words || t('reports.noWords')}</bdi>
          </p>
          <h3 className="font-semibold">{t('reports.evidence')}</h3>
          {r.messages.length === 0 ? (
            <p className="text-sm text-muted">{t('reports.nothingWritten')}</p>
          ) : (
            <ol className="flex max-h-80 flex-col gap-2 overflow-y-auto">
              {r.messages.map((m) => (
                <li key={m.n} className="rounded-control border border-edge px-3 py-2 text-sm">
                  <span className="block text-muted">
                    <bdi>{m.by === r.about ? r.about_name : r.by_name}</bdi> · {f.moment(m.at)}
                  </span>
                  <bdi>{m.body}</bdi>
                </li>
              ))}
            </ol>
          )}
          {r.outcome ? (
            <p className="font-semibold">
              {t(`reports.outcome.${r.outcome}`)} {r.note && <bdi>· {r.note}</bdi>}
            </p>
          ) : (
            <>
              <Field label={t('reports.note')} value={note} maxLength={500} onChange={(e) => setNote(e.target.value)} />
              {decide.error !== null && <ErrorNote error={decide.error} />}
              <div className="flex flex-wrap gap-2">
                <Button busy={decide.busy} onClick={() => say('dismissed')}>
                  {t('reports.dismiss')}
                </Button>
                <Button busy={decide.busy} disabled={note.trim() === ''} onClick={() => say('warned')}>
                  {t('reports.warn')}
                </Button>
                {r.about_expert && (
                  <Button kind="danger" busy={decide.busy} disabled={note.trim() === ''} onClick={() => say('suspended')}>
                    {t('queues.suspend')}
                  </Button>
                )}
              </div>
            </>
          )}
        </div>
      )}
    </Sheet>
  )
}
