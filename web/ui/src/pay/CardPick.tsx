import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { cx } from '../design/cx'
import { cardName, expired, expiry, useCards, type SavedCard, type SavedCards } from './cards'
import type { With } from './payment'

/** What is offered first: the preferred card, if it is still good. */
export function firstChoice(cards: SavedCards | undefined): With {
  const card = cards?.items.find((c) => !expired(c))
  return card ? { method: card.id } : {}
}

/** Which card: one that is kept, or another that is typed in a moment and kept only if its owner says so. */
export function CardPick({ value, onChange }: { value: With | null; onChange: (v: With) => void }) {
  const { t } = useTranslation()
  const name = useId()
  const cards = useCards()
  if (!cards.data?.keeps) return null
  const chosen = value ?? firstChoice(cards.data)
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="sr-only">{t('cards.which')}</legend>
      {cards.data.items.map((c) => (
        <Row key={c.id} name={name} on={chosen.method === c.id} disabled={expired(c)} onChoose={() => onChange({ method: c.id })}>
          <SavedCardName card={c} />
        </Row>
      ))}
      {cards.data.items.length > 0 && (
        <Row name={name} on={!chosen.method} onChoose={() => onChange({})}>
          <span className="min-w-0 flex-1 font-medium">{t('cards.another')}</span>
        </Row>
      )}
      {!chosen.method && (
        <label className="flex min-h-11 cursor-pointer items-center gap-3 px-1">
          <input type="checkbox" className="size-5 accent-brand" checked={chosen.keep ?? false} onChange={(e) => onChange(e.target.checked ? { keep: true } : {})} />
          <span>{t('cards.keep')}</span>
        </label>
      )}
    </fieldset>
  )
}

export function SavedCardName({ card: c }: { card: SavedCard }) {
  const { t } = useTranslation()
  return (
    <span className="min-w-0 flex-1">
      <bdi className="figures block truncate font-semibold">{cardName(c)}</bdi>
      <span className={cx('block text-sm', expired(c) ? 'text-bad' : 'text-muted')}>{t(expired(c) ? 'cards.expired' : 'cards.until', { date: expiry(c) })}</span>
    </span>
  )
}

function Row({ name, on, disabled = false, onChoose, children }: { name: string; on: boolean; disabled?: boolean; onChoose: () => void; children: React.ReactNode }) {
  return (
    <label
      className={cx(
        'relative flex min-h-12 items-center gap-3 rounded-control border px-3.5 py-2 has-focus-visible:outline-3 has-focus-visible:outline-focus',
        on ? 'border-brand bg-brand-soft' : 'border-control bg-raised',
        disabled ? 'opacity-60' : 'cursor-pointer',
      )}
    >
      <input type="radio" name={name} checked={on} disabled={disabled} onChange={onChoose} className="absolute inset-0 cursor-pointer opacity-0" />
      {children}
      <span aria-hidden="true" className={cx('size-5 shrink-0 rounded-full border-2', on ? 'border-[6px] border-brand' : 'border-control')} />
    </label>
  )
}
