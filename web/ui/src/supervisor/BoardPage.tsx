import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ageOf } from '@waymeet/sdk'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { can, useFormats, useHttp, useMe, useNow } from '../app/context'
import { LiveDot } from '../app/LinkBanner'
import { useChannel } from '../app/live'
import { NotHere } from '../app/NotHere'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Icon } from '../design/icons'
import { ExpertsPane } from './ExpertsPane'
import { boardOf } from './live'
import { QueueSheet } from './QueueSheet'
import { RequestPanel } from './RequestPanel'
import { SessionsPane } from './SessionsPane'
import { SpillSheet } from './SpillSheet'
import { slaTone, type BoardRequest, type Queue } from './types'
import { WaitingTable } from './WaitingTable'

/** One queue in full and live, all of them at the side: who waits, who is rung and why, what experts do, who talks. j k and Enter, without a mouse. */
export function BoardPage({ id, whole }: { id: string | null; whole: boolean }) {
  const { t } = useTranslation()
  const me = useMe()
  const http = useHttp()
  const [, go] = useLocation()
  const queues = useQuery({ queryKey: ['queues'], queryFn: ({ signal }) => http.get<{ items: Queue[] }>('/v1/queues', { signal }), refetchInterval: 5_000 })
  const items = queues.data?.items ?? []
  const worst = [...items].sort((a, b) => b.longest_s / b.sla_s - a.longest_s / a.sla_s || b.waiting - a.waiting)[0]
  const [firstWorst, setFirstWorst] = useState<string | null>(null)
  if (id === null && firstWorst === null && worst) setFirstWorst(worst.id) // it stays: a board that jumps by itself is nobody's
  const chosen = id ?? firstWorst
  const queue = items.find((q) => q.id === chosen)
  const writes = can(me, 'queue.write')
  const [editing, setEditing] = useState<Queue | 'new' | null>(null)
  if (queues.isPending)
    return (
      <Loading>
        <Skeleton className="h-96 rounded-card" />
      </Loading>
    )
  if (!queues.data) return <ErrorNote error={queues.error} onRetry={() => void queues.refetch()} />
  return (
    <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)] content-start gap-3 lg:grid-cols-[15rem_minmax(0,1fr)]">
      <section aria-label={t('queues.title')} className="flex min-w-0 flex-col gap-2">
        <ul className="relative flex gap-2 overflow-x-auto lg:flex-col lg:gap-1">
          {items.map((q) => (
            <QueueTab key={q.id} queue={q} here={q.id === chosen} onClick={() => go(`/queues/${q.id}`)} />
          ))}
        </ul>
        {writes && whole && (
          <Button size="sm" icon="plus" className="self-start" onClick={() => setEditing('new')}>
            {t('queues.add')}
          </Button>
        )}
      </section>
      {queue ? <QueueBoard key={queue.id} queue={queue} queues={items} writes={writes} onEdit={setEditing} /> : chosen ? <NotHere /> : <Empty icon="people" title={t('queues.none')} />}
      {editing && (
        <QueueSheet
          queue={editing === 'new' ? null : editing}
          queues={items}
          onClose={(saved) => {
            setEditing(null)
            if (saved) go(`/queues/${saved}`)
          }}
        />
      )}
    </div>
  )
}

function QueueTab({ queue: q, here, onClick }: { queue: Queue; here: boolean; onClick: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const tone = q.waiting === 0 ? 'neutral' : slaTone(q.longest_s, q.sla_s)
  return (
    <li className="max-lg:shrink-0">
      <button
        type="button"
        aria-current={here ? 'true' : undefined}
        onClick={onClick}
        className={cx('flex min-h-11 w-full items-center gap-2 rounded-control border px-3 py-1.5 text-start', here ? 'border-brand bg-brand-soft' : 'border-edge bg-surface hover:border-control')}
      >
        <span className="min-w-0 flex-1">
          <bdi className="block truncate font-semibold">{q.name}</bdi>
          <span className="block text-xs text-muted">{!q.open ? t('queues.closed') : q.waiting > 0 ? t('queues.longest', { time: f.span(q.longest_s * 1000) }) : t('queues.nobodyWaits')}</span>
        </span>
        <Chip tone={tone} className="figures text-sm">
          <span className="sr-only">{t('queues.waiting')}</span> {f.n(q.waiting)}
        </Chip>
      </button>
    </li>
  )
}

function QueueBoard({ queue, queues, writes, onEdit }: { queue: Queue; queues: Queue[]; writes: boolean; onEdit: (q: Queue) => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const set = useChannel(`queue:${queue.id}`)
  const now = useNow(1_000)
  const board = useMemo(() => boardOf(set, queue, now), [set, queue, now])
  const [selected, setSelected] = useState<string | null>(null)
  const [opened, setOpened] = useState<BoardRequest | null>(null)
  const [spilling, setSpilling] = useState(false)
  const table = useRef<HTMLDivElement>(null)
  const rows = board.waiting
  // What they ask for, and why who is rung for them is: read for whom one looks at, and again when something of them changes.
  const told = opened && (set.entities.get(`request/${opened.id}`)?.v ?? 0)
  const why = useQuery({
    queryKey: ['board', queue.id, opened?.id, told],
    queryFn: ({ signal }) => http.get<{ waiting: BoardRequest[] }>(`/v1/queues/${queue.id}/board`, { signal }),
    enabled: opened !== null,
    placeholderData: keepPreviousData,
  })
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || (e.target as HTMLElement).closest('input, select, textarea, [role="dialog"]')) return
      const at = rows.findIndex((r) => r.id === selected)
      const to = e.key === 'j' ? Math.min(rows.length - 1, at + 1) : e.key === 'k' ? Math.max(0, at - 1) : -1
      const next = rows[to]
      if (!next) return
      e.preventDefault()
      setSelected(next.id)
      table.current?.querySelector<HTMLElement>(`[data-row="${next.id}"]`)?.focus()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [rows, selected])
  if (set.status === 'loading')
    return (
      <Loading>
        <Skeleton className="h-96 rounded-card" />
      </Loading>
    )
  if (set.status === 'closed' && set.staleSince === null) return <ErrorNote error={set.error} />
  const age = ageOf(set, now)
  const longest = rows.reduce((s, r) => Math.max(s, (now - Date.parse(r.placed_at)) / 1000), 0)
  const picked = opened && { ...why.data?.waiting.find((r) => r.id === opened.id), ...(rows.find((r) => r.id === opened.id) ?? opened) } // whom somebody took meanwhile stays open, and says so
  const whys = new Map(why.data?.waiting.flatMap((r) => r.rings).map((r) => [r.offer, r.why]))
  const rung = rows.reduce((n, r) => n + r.rings.length, 0)
  const overflow = queues.find((x) => x.id === queue.overflow)
  return (
    <div className={cx('flex min-w-0 flex-col gap-3', set.stale && 'opacity-70')} data-testid="board">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="text-xl font-bold tracking-tight">
          <bdi>{queue.name}</bdi>
        </h1>
        <LiveDot status={set.status} />
        {set.stale && age !== null && (
          <Chip tone="held">
            <Icon name="clock" size={14} />
            {t('queues.asOf', { age: f.span(age) })}
          </Chip>
        )}
        <span className="flex-1" />
        {writes && overflow && (
          <Button size="sm" icon="arrow" disabled={rows.length === 0} onClick={() => setSpilling(true)}>
            {t('queues.spill')}
          </Button>
        )}
        {writes && (
          <Button size="sm" icon="settings" onClick={() => onEdit(queue)}>
            {t('queues.rules')}
          </Button>
        )}
      </header>
      {set.error && <ErrorNote error={set.error} />}
      <dl className="grid grid-cols-2 gap-2 sm:grid-cols-4">
        <Figure label={t('queues.waiting')} value={f.n(rows.length)} />
        <Figure label={t('queues.longestWait')} value={rows.length > 0 ? f.countdown(Math.floor(longest) * 1000) : '–'} tone={rows.length > 0 ? slaTone(longest, queue.sla_s) : undefined} note={t('queues.promised', { time: f.span(queue.sla_s * 1000) })} />
        <Figure label={t('queues.rung')} value={f.n(rung)} />
        <Figure label={t('queues.talking')} value={f.n(board.sessions.filter((s) => s.state !== 'wrap_up').length)} />
      </dl>
      <div className="grid items-start gap-3 xl:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <div className="flex min-w-0 flex-col gap-3">
          <WaitingTable ref={table} rows={rows} now={now} slaS={queue.sla_s} selected={selected} onOpen={(r) => {
              setSelected(r.id)
              setOpened(r)
            }} />
          <SessionsPane queue={queue.id} sessions={board.sessions} now={now} />
        </div>
        <ExpertsPane experts={board.experts} />
      </div>
      {picked && <RequestPanel request={{ ...picked, rings: picked.rings.map((r) => ({ ...r, why: whys.get(r.offer) ?? {} })) }} gone={!rows.some((r) => r.id === picked.id)} queue={queue} queues={queues} now={now} writes={writes} onClose={() => setOpened(null)} />}
      {spilling && overflow && <SpillSheet queue={queue} into={overflow} onClose={() => setSpilling(false)} />}
    </div>
  )
}

const tones = { good: 'text-good', held: 'text-held', bad: 'text-bad' }

function Figure({ label, value, tone, note }: { label: string; value: string; tone?: 'good' | 'held' | 'bad' | undefined; note?: string }) {
  return (
    <div className={cx('flex flex-col-reverse justify-end rounded-control border border-edge bg-surface px-3 py-2', tone === 'bad' && 'border-bad')}>
      <dt className="text-xs text-muted">
        {label}
        {note && <span className="ms-1">({note})</span>}
      </dt>
      <dd className={cx('figures text-xl leading-tight font-bold', tone && tones[tone])}>{value}</dd>
    </div>
  )
}
