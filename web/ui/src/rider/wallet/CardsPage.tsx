import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useAction } from '../../app/action'
import { useHttp } from '../../app/context'
import { Button } from '../../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../../design/feedback'
import { Icon } from '../../design/icons'
import { Sheet } from '../../design/Sheet'
import { SavedCardName } from '../../pay/CardPick'
import { cardName, expired, useCards, type CardSetup, type SavedCard, type SavedCards } from '../../pay/cards'
import { CardStep, Waiting } from '../../pay/PayStep'

/** The cards that one keeps at the acquirer: add one, say which is offered first, remove one. */
export default function CardsPage() {
  const { t } = useTranslation()
  const cards = useCards()
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<SavedCard | null>(null)
  const none = cards.data?.items.length === 0
  return (
    <div className="mx-auto flex w-full max-w-2xl flex-col gap-5">
      <Link href="/wallet" className="inline-flex min-h-11 items-center gap-1 self-start font-semibold text-brand">
        <Icon name="back" size={18} />
        {t('wallet.title')}
      </Link>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-2xl font-bold tracking-tight">{t('cards.title')}</h1>
        {cards.data?.keeps && (
          <Button kind="primary" icon="plus" onClick={() => setAdding(true)}>
            {t('cards.add')}
          </Button>
        )}
      </div>
      {cards.isError && <ErrorNote error={cards.error} onRetry={() => void cards.refetch()} />}
      {cards.isPending && (
        <Loading>
          <Skeleton className="h-36 rounded-card" />
        </Loading>
      )}
      {none && (
        <Empty icon="card" title={t('cards.none')}>
          {t(cards.data?.keeps ? 'cards.noneHint' : 'cards.notHere')}
        </Empty>
      )}
      {cards.data && !none && (
        <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {cards.data.items.map((c) => (
            <CardRow key={c.id} card={c} onRemove={() => setRemoving(c)} />
          ))}
        </ul>
      )}
      {!none && cards.data?.keeps && <p className="text-sm text-muted">{t('cards.where')}</p>}
      {adding && <AddSheet onClose={() => setAdding(false)} />}
      {removing && <RemoveSheet card={removing} onClose={() => setRemoving(null)} />}
    </div>
  )
}

function CardRow({ card: c, onRemove }: { card: SavedCard; onRemove: () => void }) {
  const { t } = useTranslation()
  const prefer = useChange('prefer')
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
      <span className="grid size-10 shrink-0 place-items-center rounded-full bg-sunken text-muted">
        <Icon name="card" />
      </span>
      <SavedCardName card={c} />
      {c.preferred && <Chip tone="good">{t('cards.preferred')}</Chip>}
      <span className="flex gap-2 max-sm:basis-full max-sm:ps-13">
        {!c.preferred && !expired(c) && (
          <Button size="sm" busy={prefer.busy} aria-label={t('cards.preferOf', { card: cardName(c) })} onClick={() => void prefer.act(c.id)}>
            {t('cards.prefer')}
          </Button>
        )}
        <Button size="sm" aria-label={t('cards.removeOf', { card: cardName(c) })} onClick={onRemove}>
          {t('cards.remove')}
        </Button>
      </span>
      {prefer.error !== null && <ErrorNote className="basis-full" error={prefer.error} />}
    </li>
  )
}

/** Something about one card; the answer is all of them. */
function useChange(what: 'prefer' | 'remove') {
  const http = useHttp()
  const cache = useQueryClient()
  return useAction(
    useCallback(
      async (id: string, key: string) => {
        const now = await http.post<SavedCards>(`/v1/me/methods/${id}/${what}`, { key })
        cache.setQueryData(['cards'], now)
        return now
      },
      [http, cache, what],
    ),
  )
}

function RemoveSheet({ card, onClose }: { card: SavedCard; onClose: () => void }) {
  const { t } = useTranslation()
  const remove = useChange('remove')
  const submit = async () => {
    if (await remove.act(card.id)) onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('cards.removeTitle')} description={t('cards.removeHint')}>
      <div className="flex flex-col gap-4">
        <bdi className="figures font-semibold">{cardName(card)}</bdi>
        {remove.error !== null && <ErrorNote error={remove.error} />}
        <Button kind="danger" size="lg" busy={remove.busy} onClick={() => void submit()}>
          {t('cards.remove')}
        </Button>
      </div>
    </Sheet>
  )
}

function AddSheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const cache = useQueryClient()
  const begin = useAction(useCallback((_: null, key: string) => http.post<CardSetup>('/v1/me/methods', { key }), [http]))
  const [begun, setBegun] = useState<CardSetup | null>(null)
  const [typed, setTyped] = useState(false)
  const start = begin.act
  const ask = useCallback(() => void start(null).then((s) => s && setBegun(s)), [start])
  useEffect(ask, [ask])
  // The form said yes; the card is here when the acquirer has told.
  const q = useQuery({
    queryKey: ['card-setup', begun?.id],
    enabled: typed && begun !== null,
    queryFn: ({ signal }) => http.get<CardSetup>(`/v1/me/method-setups/${begun?.id}`, { signal }),
    refetchInterval: 1_500,
  })
  const state = q.data?.state ?? begun?.state
  useEffect(() => {
    if (state !== 'done' && state !== 'cancelled') return
    void cache.invalidateQueries({ queryKey: ['cards'] })
    onClose()
  }, [state, cache, onClose])
  return (
    <Sheet bank open onOpenChange={(o) => !o && onClose()} title={t('cards.add')} description={t('cards.addHint')}>
      {begin.error !== null && <ErrorNote error={begin.error} onRetry={ask} />}
      {begun === null && begin.error === null && (
        <Loading>
          <Skeleton className="h-40 rounded-control" />
        </Loading>
      )}
      {typed ? <Waiting>{t('cards.saving')}</Waiting> : begun?.next && <CardStep setup next={begun.next} submit={t('cards.save')} onDone={() => setTyped(true)} />}
    </Sheet>
  )
}
