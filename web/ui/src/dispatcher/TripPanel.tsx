import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Manifest, Pattern } from '../api/types'
import { useAction } from '../app/action'
import { can, useFormats, useHttp, useMe } from '../app/context'
import { Button, IconButton } from '../design/Button'
import { cx } from '../design/cx'
import { Chip, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Field } from '../design/Field'
import { Icon } from '../design/icons'
import { LineBadge, lineColor, splitLine, Towards } from '../design/transit'
import { loadOf, type Row } from './board'
import { statusTone } from './statusTone'
import { ManifestList } from './ManifestList'

export function TripPanel({ row, onClose }: { row: Row; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const me = useMe()
  const { d, id } = row
  const [code, name] = splitLine(d.line_name ?? '')
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus(), [])
  const live = d.status === 'scheduled' || d.status === 'boarding' || d.status === 'departed'
  return (
    <section aria-label={t('panel.label')} className="flex h-full animate-slide flex-col border-s border-edge bg-surface shadow-float" data-testid="panel">
      <header className="flex items-start gap-2 border-b border-edge py-3 ps-5 pe-2">
        <div className="min-w-0 flex-1">
          <div className="flex items-center gap-2">
            <LineBadge name={code} color={d.color} />
            <Chip tone={statusTone[d.status]}>{t(`trip.status.${d.status}`)}</Chip>
          </div>
          <h2 ref={title} tabIndex={-1} className="mt-1.5 flex items-baseline gap-2 text-lg leading-6 font-bold outline-none" title={d.line_name}>
            <bdi className="figures">{f.time(d.dep)}</bdi> {d.headsign ? <Towards name={d.headsign} wrap className="items-baseline [&_svg]:self-center" /> : <bdi>{name || code}</bdi>}
          </h2>
          <p className="text-sm text-muted">
            {f.longDate(d.date)}
            {d.vehicle && (
              <>
                {' · '}
                <bdi>{d.vehicle}</bdi>
              </>
            )}
            {d.driver && (
              <>
                {' · '}
                <bdi>{d.driver}</bdi>
              </>
            )}
          </p>
        </div>
        <IconButton icon="close" label={t('action.close')} onClick={onClose} />
      </header>
      <div className="flex min-h-0 flex-1 flex-col gap-5 overflow-y-auto px-5 py-4">
        {d.incident && (
          <p className="flex gap-2 rounded-control bg-held-soft p-3 font-medium text-held">
            <Icon name="warn" />
            {d.incident}
          </p>
        )}
        {live && can(me, 'trip.operate') && <Operate row={row} />}
        <Legs row={row} />
        {can(me, 'manifest.read') && <ManifestPart id={id} v={row.v} />}
      </div>
    </section>
  )
}

function Part({ title, children, note }: { title: string; children: ReactNode; note?: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-2 flex items-baseline justify-between gap-3 font-bold">
        {title}
        {note && <span className="figures text-sm font-medium text-muted">{note}</span>}
      </h3>
      {children}
    </section>
  )
}

function Operate({ row: { id, d } }: { row: Row }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const late = Math.round((d.delay_s ?? 0) / 60)
  const [capacity, setCapacity] = useState(String(d.capacity))
  const [reason, setReason] = useState('')
  const [cancelling, setCancelling] = useState(false)
  const act = useAction(useCallback((v: { verb: 'delay' | 'capacity' | 'cancel' | 'depart'; body?: object }, key: string) => http.post<unknown>(`/v1/trips/${id}/${v.verb}`, { key, ...(v.body ? { body: v.body } : {}) }), [http, id]))
  const seats = Number(capacity)
  const delay = (minutes: number) => void act.act({ verb: 'delay', body: { delay_s: minutes * 60 } })
  return (
    <Part title={t('panel.actions')}>
      <div className="flex flex-col gap-4 rounded-card border border-edge p-4">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <span className="font-medium" id="delay-label">
            {t('panel.delay')}
          </span>
          <div role="group" aria-labelledby="delay-label" className="flex items-center gap-2">
            <Button size="sm" className="min-h-9" disabled={act.busy} onClick={() => delay(late - 5)} aria-label={t('panel.less')}>
              −{f.n(5)}
            </Button>
            <output className="figures min-w-16 text-center font-bold" data-testid="delay">
              {late === 0 ? t('panel.onTime') : f.minutes(late * 60)}
            </output>
            <Button size="sm" className="min-h-9" disabled={act.busy} onClick={() => delay(late + 5)} aria-label={t('panel.more')}>
              +{f.n(5)}
            </Button>
          </div>
        </div>
        <form
          className="flex items-end gap-2"
          onSubmit={(e) => {
            e.preventDefault()
            void act.act({ verb: 'capacity', body: { capacity: seats } })
          }}
        >
          <Field label={t('panel.capacity')} type="number" inputMode="numeric" min={0} max={500} value={capacity} onChange={(e) => setCapacity(e.target.value)} className="flex-1 [&_input]:min-h-10" />
          <Button type="submit" size="sm" className="min-h-10" disabled={act.busy || capacity === '' || !Number.isInteger(seats) || seats < 0 || seats === d.capacity}>
            {t('action.apply')}
          </Button>
        </form>
        {act.error !== null && <ErrorNote error={act.error} />}
        {cancelling ? (
          <form
            className="flex flex-col gap-3 rounded-control bg-bad-soft p-3"
            onSubmit={(e) => {
              e.preventDefault()
              void act.act({ verb: 'cancel', body: { reason: reason.trim() } })
            }}
          >
            <Field label={t('panel.cancelReason')} value={reason} onChange={(e) => setReason(e.target.value)} required maxLength={200} hint={t('panel.cancelHint', { count: d.booked ?? 0, n: f.n(d.booked ?? 0) })} />
            <div className="flex gap-2">
              <Button type="submit" kind="danger" busy={act.busy} disabled={reason.trim() === ''}>
                {t('panel.cancelSubmit')}
              </Button>
              <Button kind="plain" onClick={() => setCancelling(false)}>
                {t('action.back')}
              </Button>
            </div>
          </form>
        ) : (
          <div className="flex flex-wrap gap-2 border-t border-edge pt-3">
            {d.status !== 'departed' && (
              <Button size="sm" icon="arrow" className="min-h-9" disabled={act.busy} onClick={() => void act.act({ verb: 'depart' })}>
                {t('panel.depart')}
              </Button>
            )}
            <Button size="sm" kind="plain" className="min-h-9 text-bad" onClick={() => setCancelling(true)}>
              {t('panel.cancel')}
            </Button>
          </div>
        )}
      </div>
    </Part>
  )
}

/** Each leg between two stops with who is on it: the bar of the board, with names. */
function Legs({ row: { d } }: { row: Row }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const pattern = useQuery({ queryKey: ['pattern', d.pattern], staleTime: 3_600_000, queryFn: ({ signal }) => http.get<Pattern>(`/v1/patterns/${d.pattern}`, { signal }) })
  const load = loadOf(d)
  const color = lineColor(d.color)
  return (
    <Part title={t('panel.legs')} note={t('panel.seats', { n: f.n(d.capacity) })}>
      {pattern.isError ? (
        <ErrorNote error={pattern.error} onRetry={() => void pattern.refetch()} />
      ) : !pattern.data ? (
        <Loading>
          <Skeleton className="h-40" />
        </Loading>
      ) : (
        <ol className="flex flex-col text-sm">
          {pattern.data.stops.map((s, i) => {
            const n = load[i]
            const over = d.overload?.[i] ?? 0
            return (
              <li key={s.index} className="relative flex gap-3 pb-1.5">
                <span aria-hidden="true" className="relative flex w-3 justify-center">
                  {n !== undefined && <span className="absolute top-2 -bottom-2 w-[3px]" style={{ background: color }} />}
                  <span className="relative mt-1 size-3 rounded-full border-[3px] bg-surface" style={{ borderColor: color }} />
                </span>
                <div className="min-w-0 flex-1">
                  <bdi className="block truncate font-medium">{s.name}</bdi>
                  {n !== undefined && (
                    <span className="flex items-center gap-2 py-0.5">
                      <span aria-hidden="true" className="h-1.5 flex-1 overflow-hidden rounded-full bg-sunken">
                        <span className={cx('block h-full rounded-full transition-[width] duration-300', over > 0 ? 'bg-bad' : n >= d.capacity ? 'bg-held' : 'bg-brand')} style={{ width: `${d.capacity > 0 ? Math.min(100, (n / d.capacity) * 100) : 100}%` }} />
                      </span>
                      <span className={cx('figures w-14 text-end text-xs font-semibold', over > 0 ? 'text-bad' : 'text-muted')}>
                        {f.n(n)}/{f.n(d.capacity)}
                      </span>
                    </span>
                  )}
                </div>
              </li>
            )
          })}
        </ol>
      )}
    </Part>
  )
}

function ManifestPart({ id, v }: { id: string; v: number }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  // The trip's version moves with every booking and boarding: a new version asks for the list again, the old stays until it comes.
  const q = useQuery<Manifest>({ queryKey: ['manifest', id, v], placeholderData: (old) => old, queryFn: ({ signal }) => http.get<Manifest>(`/v1/trips/${id}/manifest`, { signal }) })
  const items = q.data?.items ?? []
  return (
    <Part title={t('manifest.title')} note={q.data ? t('manifest.people', { count: people(items), n: f.n(people(items)) }) : null}>
      {q.isError ? (
        <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
      ) : !q.data ? (
        <Loading>
          <Skeleton className="h-24" />
        </Loading>
      ) : items.length === 0 ? (
        <p className="text-muted">{t('manifest.empty')}</p>
      ) : (
        <ManifestList manifest={q.data} dense />
      )}
    </Part>
  )
}

const people = (items: Manifest['items']) => items.reduce((n, i) => n + i.party, 0)
