import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Line, LineTripDoc } from '../api/types'
import { useFormats, useMe, useStored, useToday } from '../app/context'
import { headsignOf, useLines } from '../app/lines'
import { useChannel, useLive } from '../app/live'
import { cx } from '../design/cx'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { inputLook } from '../design/Field'
import { Icon } from '../design/icons'
import { LineBadge, splitLine, Towards } from '../design/transit'
import { statusTone } from '../dispatcher/statusTone'
import { folded } from '../i18n/fold'

/** Today's trips of the line that the driver works on; the line is remembered on the phone. */
export function DayPage() {
  const { t } = useTranslation()
  const f = useFormats()
  const me = useMe()
  const { today } = useToday()
  const lines = useLines()
  const [line, setLine] = useStored<string>(`waymeet.drive.line.${me.tenant.slug}`, '')
  const [q, setQ] = useState('')
  const items = lines.data?.items ?? []
  const chosen = items.find((l) => l.id === line)
  const shown = items.filter((l) => folded(`${l.short_name ?? ''} ${l.name}`).includes(folded(q.trim())))

  return (
    <div className="mx-auto flex w-full max-w-2xl flex-col gap-4">
      <div>
        <p className="text-sm font-medium text-muted">{f.longDate(today)}</p>
        <h1 className="text-2xl font-bold tracking-tight">{t('drive.title')}</h1>
      </div>
      {lines.isError && <ErrorNote error={lines.error} onRetry={() => void lines.refetch()} />}
      {lines.isPending && (
        <Loading>
          <Skeleton className="h-48 rounded-card" />
        </Loading>
      )}
      {lines.isSuccess && !chosen && (
        <section aria-label={t('drive.chooseLine')} className="flex flex-col gap-3">
          <h2 className="font-bold">{t('drive.chooseLine')}</h2>
          {items.length > 12 && <input type="search" className={inputLook} aria-label={t('drive.findLine')} placeholder={t('drive.findLine')} value={q} onChange={(e) => setQ(e.target.value)} />}
          <ul className="flex flex-col divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
            {shown.slice(0, 100).map((l) => (
              <li key={l.id}>
                <button type="button" className="flex min-h-14 w-full items-center gap-3 px-4 text-start hover:bg-sunken" onClick={() => setLine(l.id)}>
                  <LineName line={l} />
                  <Icon name="next" className="text-muted" />
                </button>
              </li>
            ))}
          </ul>
          {items.length === 0 && <Empty icon="bus" title={t('drive.noLines')} />}
        </section>
      )}
      {chosen && (
        <>
          <button type="button" className="flex min-h-14 items-center gap-3 rounded-card border border-edge bg-surface px-4 text-start hover:bg-sunken" onClick={() => setLine('')}>
            <LineName line={chosen} />
            <span className="text-sm font-semibold text-brand">{t('drive.changeLine')}</span>
          </button>
          <Trips line={chosen} date={today} />
        </>
      )}
    </div>
  )
}

const over = (d: LineTripDoc) => d.status === 'completed' || d.status === 'cancelled'

function LineName({ line }: { line: Line }) {
  const [code, rest] = line.short_name ? [line.short_name, line.name.replace(line.short_name, '').trim()] : splitLine(line.name)
  return (
    <span className="flex min-w-0 flex-1 items-center gap-3">
      <LineBadge name={code} color={line.color} className="text-sm" />
      <bdi className="truncate font-semibold">{rest}</bdi>
    </span>
  )
}

function Trips({ line, date }: { line: Line; date: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const { time } = useToday()
  const live = useLive()
  const channel = `line:${line.id}:${date}`
  const set = useChannel(channel)
  const trips = useMemo(
    () =>
      [...set.entities]
        .filter(([e]) => e.startsWith('trip/'))
        .map(([e, held]) => ({ id: e.slice(5), d: held.d as unknown as LineTripDoc }))
        .sort((a, b) => a.d.departs_at.localeCompare(b.d.departs_at)),
    [set.entities],
  )
  const next = trips.find((x) => x.d.dep >= time && !over(x.d))?.id
  const loaded = trips.length > 0
  useEffect(() => {
    // The day is long; the driver looks for the trip that is next.
    if (loaded && next) document.getElementById(`trip-${next}`)?.scrollIntoView({ block: 'center' })
  }, [loaded]) // eslint-disable-line react-hooks/exhaustive-deps -- once, not whenever the next trip changes
  if (set.status === 'loading')
    return (
      <Loading>
        <div className="flex flex-col gap-2">
          {[0, 1, 2, 3].map((i) => (
            <Skeleton key={i} className="h-16 rounded-card" />
          ))}
        </div>
      </Loading>
    )
  if (set.status === 'closed') return <ErrorNote error={new Error(set.error?.message)} onRetry={() => live.channel(channel).retry()} />
  if (trips.length === 0) return <Empty icon="bus" title={t('drive.noTrips')} />
  return (
    <ul className="flex flex-col gap-2" data-testid="trips">
      {trips.map(({ id, d }) => (
        <li key={id} id={`trip-${id}`}>
          <Link
            href={`/drive/${line.id}/${id}`}
            data-trip={id}
            className={cx('flex min-h-16 items-center gap-4 rounded-card border bg-surface px-4 py-2.5 hover:border-control', id === next ? 'border-brand shadow-card' : 'border-edge', over(d) && 'text-muted')}
          >
            <bdi className={cx('figures w-16 text-xl font-bold', d.status === 'cancelled' && 'line-through')}>{f.time(d.dep)}</bdi>
            <span className="flex min-w-0 flex-1 flex-col gap-1">
              <Towards name={headsignOf(line, d.pattern) ?? line.name} wrap className="font-semibold" />
              <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                <Chip tone={statusTone[d.status]}>{t(`trip.status.${d.status}`)}</Chip>
                {(d.delay_s ?? 0) > 0 && <Chip tone="held">{t('trip.late', { time: f.minutes(d.delay_s ?? 0) })}</Chip>}
                {!over(d) && <span className="figures text-sm text-muted">{t('trips.free', { count: d.free_min, n: f.n(d.free_min) })}</span>}
              </span>
            </span>
            <Icon name="next" className="text-muted" />
          </Link>
        </li>
      ))}
    </ul>
  )
}
