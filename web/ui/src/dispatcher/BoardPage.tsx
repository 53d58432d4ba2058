import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats, useToday } from '../app/context'
import { LinkBanner, LiveDot } from '../app/LinkBanner'
import { useLines } from '../app/lines'
import { useChannel, useLive } from '../app/live'
import { Shell } from '../app/Shell'
import { cx } from '../design/cx'
import { Button, IconButton } from '../design/Button'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Select } from '../design/Field'
import { Icon } from '../design/icons'
import { Segments } from '../design/Segments'
import { addDays } from '../i18n/format'
import { boardChannel, fullName, rowsOf, totals, wanted, type Wanted, type Window } from './board'
import { BoardGrid } from './BoardGrid'
import { TripPanel } from './TripPanel'
import { useBoardKeys } from './keys'

const MapPane = lazy(() => import('./MapPane'))
const windows: readonly Window[] = ['now', 'morning', 'midday', 'evening', 'day']

export default function BoardPage() {
  return (
    <Shell wide>
      <Board />
    </Shell>
  )
}

function Board() {
  const { t } = useTranslation()
  const f = useFormats()
  const live = useLive()
  const { today, time } = useToday()
  const [date, setDate] = useState<string | null>(null)
  const [window, setWindow] = useState<Window>('now')
  const [want, setWant] = useState<Wanted>({ text: '', status: 'all', line: '' })
  const [selected, select] = useState<string | null>(null)
  const [opened, open] = useState<string | null>(null)
  const [pane, setPane] = useState<'board' | 'map'>('board')
  const filter = useRef<HTMLInputElement>(null)
  const grid = useRef<HTMLDivElement>(null)
  const day = date ?? today
  const channel = boardChannel(day, day === today ? window : window === 'now' ? 'day' : window, time)
  const board = useChannel(channel)
  const lines = useLines()

  const byLine = useMemo(() => new Map((lines.data?.items ?? []).map((l) => [l.id, l])), [lines.data])
  const all = useMemo(() => rowsOf(board, byLine), [board, byLine])
  const rows = useMemo(() => all.filter((r) => wanted(r, want)), [all, want])
  const sum = useMemo(() => totals(rows), [rows])

  // The board first: the map is heavy, and waits until there are rows to read.
  const [begun, begin] = useState(false)
  if (!begun && board.status !== 'loading') begin(true)

  useBoardKeys({ rows, selected, select, open, opened, filter, grid })
  useEffect(() => {
    // Too many for one set: narrow by itself rather than show an empty board.
    if (board.status === 'closed' && board.error?.code === 'too_many' && window === 'day' && day === today) setWindow('now')
  }, [board.status, board.error, window, day, today])

  const openTrip = all.find((r) => r.id === opened) ?? null

  return (
    <div className="flex min-h-0 flex-1 lg:h-[calc(100dvh-3.5rem)] lg:flex-none">
      <section aria-label={t('nav.board')} className={cx('flex min-w-0 flex-1 flex-col', pane === 'map' && 'max-lg:hidden')}>
        <div className="flex flex-col gap-3 px-4 pt-4">
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <h1 className="text-xl font-bold tracking-tight">{t('nav.board')}</h1>
            <div className="flex items-center">
              <IconButton size="sm" icon="back" label={t('board.dayBefore')} onClick={() => setDate(addDays(day, -1))} />
              <span className="min-w-32 text-center font-semibold">{day === today ? t('board.today', { date: f.dayMonth(day) }) : `${f.weekday(day)} ${f.dayMonth(day)}`}</span>
              <IconButton size="sm" icon="next" label={t('board.dayAfter')} onClick={() => setDate(addDays(day, 1))} />
              {day !== today && (
                <Button size="sm" kind="plain" onClick={() => setDate(null)}>
                  {t('board.backToToday')}
                </Button>
              )}
            </div>
            <LiveDot status={board.status} className="ms-auto" />
          </div>
          <LinkBanner strict className="mb-0!" />
          <Figures sum={sum} />
          <div className="flex flex-wrap items-center gap-2">
            <div className="relative min-w-40 flex-1">
              <Icon name="search" size={16} className="pointer-events-none absolute start-2.5 top-2.5 text-muted" />
              <input
                ref={filter}
                type="search"
                value={want.text}
                onChange={(e) => setWant({ ...want, text: e.target.value })}
                placeholder={t('board.filter')}
                aria-label={t('board.filter')}
                title={t('board.filterHint')}
                aria-keyshortcuts="/"
                className="min-h-9 w-full rounded-control border border-control bg-raised ps-8 pe-2.5 text-sm placeholder:text-muted"
              />
            </div>
            <Select hideLabel label={t('board.window')} value={day === today ? window : window === 'now' ? 'day' : window} onChange={(e) => setWindow(e.target.value as Window)}>
              {windows
                .filter((w) => w !== 'now' || day === today)
                .map((w) => (
                  <option key={w} value={w}>
                    {t(`board.windows.${w}`)}
                  </option>
                ))}
            </Select>
            <Select hideLabel label={t('board.line')} value={want.line} onChange={(e) => setWant({ ...want, line: e.target.value })} className="max-w-44">
              <option value="">{t('board.allLines')}</option>
              {(lines.data?.items ?? []).map((l) => (
                <option key={l.id} value={l.id}>
                  {fullName(l)}
                </option>
              ))}
            </Select>
            <Segments
              legend={t('board.show')}
              hideLegend
              value={want.status}
              onChange={(status) => setWant({ ...want, status })}
              options={[
                { value: 'all', label: t('board.all') },
                { value: 'open', label: t('board.open') },
                { value: 'trouble', label: t('board.trouble') },
              ]}
            />
            <Button size="sm" icon="map" className="min-h-9 lg:hidden" onClick={() => setPane('map')}>
              {t('board.map')}
            </Button>
          </div>
        </div>
        <div className="mt-3 flex min-h-0 flex-1 flex-col">
          {board.status === 'closed' ? (
            <div className="p-4">
              {board.error?.code === 'too_many' ? (
                <Empty icon="board" title={t('board.tooMany')}>
                  {t('board.tooManyHint')}
                </Empty>
              ) : (
                <ErrorNote error={new Error(board.error?.message)} onRetry={() => live.channel(channel).retry()} />
              )}
            </div>
          ) : board.status === 'loading' ? (
            <Loading label={t('board.loading')}>
              <div className="flex flex-col gap-1.5 px-4">
                {Array.from({ length: 12 }, (_, i) => (
                  <Skeleton key={i} className="h-10" />
                ))}
              </div>
            </Loading>
          ) : rows.length === 0 ? (
            <Empty icon="board" title={all.length === 0 ? t('board.none') : t('board.noneMatch')} action={all.length > 0 ? <Button onClick={() => setWant({ text: '', status: 'all', line: '' })}>{t('board.clear')}</Button> : undefined}>
              {all.length === 0 ? t('board.noneHint') : null}
            </Empty>
          ) : (
            <BoardGrid rows={rows} selected={selected} opened={opened} onSelect={select} onOpen={open} gridRef={grid} stale={board.status === 'stale'} />
          )}
        </div>
      </section>
      <aside aria-label={t('board.map')} className={cx('relative min-w-0 border-s border-edge lg:w-[32%] lg:max-w-3xl xl:w-[38%]', pane === 'map' ? 'h-[calc(100dvh-7rem)] flex-1' : 'max-lg:hidden')}>
        <Suspense fallback={<Skeleton className="size-full rounded-none" />}>
          {begun ? <MapPane rows={rows} selected={opened ?? selected} onPick={(id) => { select(id); open(id) }} /> : <Skeleton className="size-full rounded-none" />}
        </Suspense>
        <Button size="sm" icon="list" className="absolute start-3 top-3 min-h-11 lg:hidden" onClick={() => setPane('board')}>
          {t('nav.board')}
        </Button>
        {openTrip && (
          <div className="absolute inset-y-0 end-0 z-10 hidden w-full lg:block">
            <TripPanel key={openTrip.id} row={openTrip} onClose={() => { open(null); grid.current?.focus() }} />
          </div>
        )}
      </aside>
      {openTrip && (
        <div className="fixed inset-0 z-40 bg-surface lg:hidden">
          <TripPanel key={openTrip.id} row={openTrip} onClose={() => open(null)} />
        </div>
      )}
    </div>
  )
}

function Figures({ sum }: { sum: ReturnType<typeof totals> }) {
  const { t } = useTranslation()
  const f = useFormats()
  const items: [string, string, string?][] = [
    [t('board.figures.trips'), f.n(sum.trips)],
    [t('board.figures.active'), f.n(sum.active)],
    [t('board.figures.booked'), f.n(sum.booked)],
    [t('board.figures.held'), f.n(sum.held)],
    [t('board.figures.boarded'), f.n(sum.boarded)],
    [t('board.figures.share'), f.percent(sum.share)],
    [t('board.figures.late'), f.n(sum.late), sum.late > 0 ? 'text-held' : undefined] as [string, string, string?],
    [t('board.figures.over'), f.n(sum.over), sum.over > 0 ? 'text-bad' : undefined] as [string, string, string?],
  ]
  return (
    <dl className="grid grid-cols-4 gap-x-3 gap-y-1 pb-1 sm:flex sm:flex-wrap sm:gap-x-6">
      {items.map(([label, value, tone]) => (
        <div key={label} className="flex min-w-0 flex-col-reverse justify-end">
          <dt className="text-xs text-muted">{label}</dt>
          <dd className={cx('figures text-lg leading-6 font-bold', tone)}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
