import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Page } from '../api/types'
import { useFormats, useHttp, useToday } from '../app/context'
import { Button } from '../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Icon } from '../design/icons'
import { Sheet } from '../design/Sheet'
import { dateOf } from '../i18n/format'
import { markOf, useUnmark, type BlockedPerson, type Favourite, type Mark, type Marked } from './people'

/** Whom one marked after a call, and how to take it back: a client's favourites, and whomever either blocked. */
export default function PeoplePage({ home, favourites = false }: { home: '/advice' | '/practice/profile'; favourites?: boolean }) {
  const { t } = useTranslation()
  return (
    <div className="mx-auto flex w-full max-w-xl flex-col gap-6">
      <Link href={home} className="-mb-4 inline-flex min-h-11 items-center gap-1 self-start font-semibold text-brand">
        <Icon name="back" size={18} />
        {t('action.back')}
      </Link>
      <h1 className="text-2xl font-bold tracking-tight">{t(favourites ? 'people.title' : 'people.blocks.title')}</h1>
      {favourites && <List mark="favourites" />}
      <List mark="blocks" alone={!favourites} />
    </div>
  )
}

function List({ mark, alone = false }: { mark: Mark; alone?: boolean }) {
  const { t } = useTranslation()
  const http = useHttp()
  const { today } = useToday()
  const q = useQuery({ queryKey: [mark], queryFn: ({ signal }) => http.get<Page<Favourite | BlockedPerson>>(`/v1/me/${mark}`, { signal }), refetchInterval: mark === 'favourites' && 30_000 })
  const [asking, setAsking] = useState<Marked | null>(null)
  const [gone, setGone] = useState<{ name: string } | null>(null) // each its own: two may have the same name, or none
  const heading = useRef<HTMLHeadingElement>(null)
  const all = q.data?.items.map(markOf)
  const removed = (name: string) => {
    setAsking(null)
    setGone({ name })
  }
  useEffect(() => {
    if (gone) heading.current?.focus() // the button that was pressed is gone with its row, and the sheet holds the focus until it has closed
  }, [gone])
  return (
    <section aria-labelledby={mark} className="flex flex-col gap-3" data-testid={mark}>
      <h2 id={mark} ref={heading} tabIndex={-1} className={alone ? 'sr-only' : 'text-lg font-bold focus:outline-none'}>
        {t(`people.${mark}.title`)}
      </h2>
      <p className="-mt-2 text-sm text-muted">{t(`people.${mark}.hint`)}</p>
      <p role="status" className={gone === null ? 'sr-only' : 'rounded-control bg-good-soft px-3.5 py-2.5 text-sm font-semibold text-good'}>
        {gone && t(`people.${mark}.gone`, gone)}
      </p>
      {q.isError && <ErrorNote error={q.error} onRetry={() => void q.refetch()} />}
      {q.isError && all && <p className="text-sm font-semibold text-held">{t('people.stale')}</p>}
      {q.isPending && (
        <Loading>
          <Skeleton className="h-28 rounded-card" />
        </Loading>
      )}
      {all?.length === 0 && (
        <Empty icon={mark === 'favourites' ? 'star' : 'people'} title={t(`people.${mark}.none`)}>
          {t(`people.${mark}.noneHint`)}
        </Empty>
      )}
      {all && all.length > 0 && (
        <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {all.map((x) => (
            <Row key={x.id} of={x} mark={mark} today={today} onRemove={() => setAsking(x)} />
          ))}
        </ul>
      )}
      {asking && <UnmarkSheet of={asking} mark={mark} onClose={() => setAsking(null)} onDone={removed} />}
    </section>
  )
}

function useName() {
  const { t } = useTranslation()
  return (x: Marked) => x.name || t('people.nameless')
}

function Row({ of: x, mark, today, onRemove }: { of: Marked; mark: Mark; today: string; onRemove: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const name = useName()(x)
  return (
    <li className="flex min-h-16 items-center gap-3 px-4 py-2.5">
      <span className="min-w-0 flex-1">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <bdi className="min-w-0 font-semibold break-words">{name}</bdi>
          {x.there && <Chip tone="good">{t('people.there')}</Chip>}
        </span>
        <span className="block text-sm text-muted">{t('people.since', { date: f.datedDay(dateOf(x.at), today) })}</span>
      </span>
      <Button size="sm" className="min-h-11 shrink-0" aria-label={t(`people.${mark}.removeOf`, { name })} aria-haspopup="dialog" onClick={onRemove}>
        {t(`people.${mark}.remove`)}
      </Button>
    </li>
  )
}

function UnmarkSheet({ of: x, mark, onClose, onDone }: { of: Marked; mark: Mark; onClose: () => void; onDone: (name: string) => void }) {
  const { t } = useTranslation()
  const name = useName()(x)
  const unmark = useUnmark(mark)
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t(`people.${mark}.sure`, { name })} description={t(`people.${mark}.sureHint`)}>
      <div className="flex flex-col gap-3">
        {unmark.error !== null && <ErrorNote error={unmark.error} />}
        <Button kind={mark === 'blocks' ? 'primary' : 'danger'} size="lg" busy={unmark.busy} onClick={() => void unmark.act(x.id).then((ok) => ok && onDone(name))}>
          {t(`people.${mark}.remove`)}
        </Button>
        <Button size="lg" onClick={onClose}>
          {t(`people.${mark}.keep`)}
        </Button>
      </div>
    </Sheet>
  )
}
