import { useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { ManifestItem, TripDoc } from '../api/types'
import { useFormats } from '../app/context'
import { headsignOf, useLines } from '../app/lines'
import { useChannel, useLive } from '../app/live'
import { Button } from '../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Icon } from '../design/icons'
import { LineBadge, splitLine, Towards } from '../design/transit'
import { ManifestList } from '../dispatcher/ManifestList'
import { statusTone } from '../dispatcher/statusTone'
import { wallTime } from '../i18n/format'
import { stateTone } from '../rider/bookings'
import { useBoarding, useManifest, type Verdict } from './boarding'
import { CodeForm } from './CodeForm'
import { PositionSwitch } from './PositionSwitch'
import { Scanner } from './Scanner'
import { VerdictCard } from './VerdictCard'

export function TripPage({ line, trip }: { line: string; trip: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const live = useLive()
  const channel = useChannel(`trip:${trip}`)
  const held = channel.entities.get(`trip/${trip}`)
  const d = held?.d as TripDoc | undefined
  const driven = useLines().data?.items.find((l) => l.id === line)
  const headsign = headsignOf(driven, d?.pattern)
  const over = d?.status === 'completed' || d?.status === 'cancelled' ? d.status : null
  const manifest = useManifest(trip, held?.v ?? 0)
  const [verdict, setVerdict] = useState<(Verdict & { n: number }) | null>(null)
  const [scanning, setScanning] = useState(false)
  const say = useCallback((v: Verdict) => {
    // Several that wait may be refused in one breath: each must be read.
    setVerdict((old) => ({ ...(v.kind === 'refused' && v.text && old?.kind === 'refused' && old.text ? { ...v, text: `${old.text}\n${v.text}` } : v), n: (old?.n ?? 0) + 1 }))
    navigator.vibrate?.(v.kind === 'boarded' ? 60 : [60, 60, 120])
  }, [])
  const { scan, boardItem, here, waiting } = useBoarding(trip, manifest.data, say)

  const items = useMemo(() => (manifest.data?.items ?? []).filter((i) => i.state !== 'held' && i.state !== 'expired'), [manifest.data])
  const isOn = (i: ManifestItem) => i.state === 'boarded' || i.state === 'completed' || here.has(i.booking)
  const alive = items.filter((i) => i.state !== 'cancelled' && i.state !== 'no_show')
  const seats = alive.reduce((n, i) => n + i.party, 0)
  const on = alive.filter(isOn).reduce((n, i) => n + i.party, 0)
  const sorted = [...items].sort((a, b) => Number(isOn(a)) - Number(isOn(b)) || a.from - b.from || (a.name ?? '').localeCompare(b.name ?? ''))
  const at = (time: string | undefined) => (time === undefined ? undefined : /^\d{2}:\d{2}$/.test(time) ? f.time(time) : d ? f.time(wallTime({ time: d.dep, at: d.departs_at }, time)) : undefined)

  return (
    <div className="mx-auto flex w-full max-w-2xl flex-col gap-4">
      <Link href="/drive" className="-ms-1 inline-flex min-h-11 items-center gap-1 self-start rounded-control pe-2 font-semibold text-muted hover:text-ink">
        <Icon name="back" />
        {t('nav.drive')}
      </Link>
      {driven && (
        <p className="flex items-center gap-2 text-lg font-semibold" title={driven.name}>
          <LineBadge name={driven.short_name ?? splitLine(driven.name)[0]} color={driven.color} />
          {headsign ? <Towards name={headsign} wrap /> : <bdi>{driven.short_name ? driven.name.replace(driven.short_name, '').trim() : splitLine(driven.name)[1]}</bdi>}
        </p>
      )}
      {channel.status === 'closed' && <ErrorNote error={new Error(channel.error?.message)} onRetry={() => live.trip(trip).retry()} />}
      <header className="flex items-center gap-4">
        <h1 className="figures text-4xl font-bold">{d ? <bdi>{f.time(d.dep)}</bdi> : <Skeleton className="h-10 w-28" />}</h1>
        <div className="flex flex-1 flex-wrap gap-2">
          {d && <Chip tone={statusTone[d.status]}>{t(`trip.status.${d.status}`)}</Chip>}
          {(d?.delay_s ?? 0) > 0 && <Chip tone="held">{t('trip.late', { time: f.minutes(d?.delay_s ?? 0) })}</Chip>}
          {waiting.length > 0 && (
            <Chip tone="held">
              <Icon name="upload" size={14} />
              {t('drive.waiting', { count: waiting.length, n: f.n(waiting.length) })}
            </Chip>
          )}
        </div>
        <p className="text-end leading-tight">
          <span className="figures block text-3xl font-bold" data-testid="on-board">
            {f.n(on)}
            <span className="text-muted">/{f.n(seats)}</span>
          </span>
          <span className="text-sm text-muted">{t('drive.onBoard')}</span>
        </p>
      </header>
      <section aria-label={t('drive.board')} className="flex flex-col gap-3 rounded-card border border-edge bg-surface p-4 shadow-card">
        {over && (
          <p className="flex gap-2 font-medium text-muted">
            <Icon name="warn" className="mt-0.5" />
            {t(`drive.over.${over}`)}
          </p>
        )}
        <Button kind="primary" size="lg" icon="scan" className="min-h-14 text-lg" disabled={over !== null} onClick={() => setScanning(true)}>
          {t('drive.scan')}
        </Button>
        <CodeForm onCode={(text) => void scan(text)} disabled={over !== null} />
        {verdict && <VerdictCard key={verdict.n} verdict={verdict} time={verdict.kind === 'already' ? at(verdict.at) : undefined} onClose={() => setVerdict(null)} />}
      </section>
      {!over && <PositionSwitch trip={trip} />}
      <section aria-label={t('manifest.title')}>
        <h2 className="mb-1 font-bold">{t('manifest.title')}</h2>
        {manifest.isError && !manifest.data && <ErrorNote error={manifest.error} onRetry={() => void manifest.refetch()} />}
        {manifest.isPending && !manifest.data && (
          <Loading>
            <Skeleton className="h-40" />
          </Loading>
        )}
        {manifest.data && sorted.length === 0 && <Empty icon="people" title={t('manifest.empty')} />}
        {manifest.data && sorted.length > 0 && (
          <ManifestList
            manifest={{ ...manifest.data, items: sorted }}
            action={(i) =>
              i.state === 'cancelled' || i.state === 'no_show' || (over && !isOn(i)) ? (
                <Chip tone={stateTone[i.state]}>{t(`booking.state.${i.state}`)}</Chip>
              ) : isOn(i) ? (
                <span className="inline-flex items-center gap-1 font-semibold text-good">
                  <Icon name={waiting.some((w) => w.body.booking === i.booking) ? 'upload' : 'check'} />
                  {t('booking.state.boarded')}
                </span>
              ) : (
                <Button onClick={() => boardItem(i)} aria-label={t('drive.boardName', { name: i.name ?? i.short ?? '' })}>
                  {t('drive.boardOne')}
                </Button>
              )
            }
          />
        )}
      </section>
      {scanning && (
        <Scanner
          onClose={() => setScanning(false)}
          onRead={(text) => {
            setScanning(false)
            void scan(text)
          }}
        />
      )}
    </div>
  )
}
