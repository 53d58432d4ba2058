import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useFormats, useHttp, useNow } from '../app/context'
import { Button } from '../design/Button'
import { Chip, ErrorNote } from '../design/feedback'
import { timeOf } from '../i18n/format'
import type { Taking } from './types'

/** One taking; its own undoing is offered for as long as the server allows it. */
export function TakingRow({ taking: k, undoMs, onUndone }: { taking: Taking; undoMs: number; onUndone: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const until = Date.parse(k.at) + undoMs
  const now = useNow(5_000, !k.undone_at)
  const undo = useAction(useCallback((id: string, key: string) => http.post<Taking>(`/v1/cash/takings/${id}/undo`, { key }), [http]))
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
      <bdi className="min-w-32 flex-1 basis-full font-semibold sm:basis-0">{k.name}</bdi>
      {k.undone_at && <Chip>{t('cash.undone')}</Chip>}
      <bdi className="figures text-sm text-muted">{f.time(timeOf(k.at))}</bdi>
      <bdi className={`figures font-semibold ${k.undone_at ? 'text-muted line-through' : ''}`}>{f.money(k.amount)}</bdi>
      {!k.undone_at && now < until && (
        <Button size="sm" busy={undo.busy} aria-label={t('cash.undoOf', { name: k.name ?? '', amount: f.money(k.amount) })} onClick={() => void undo.act(k.id).then((r) => r && onUndone())}>
          {t('cash.undo')}
        </Button>
      )}
      {undo.error !== null && <ErrorNote error={undo.error} className="basis-full" />}
    </li>
  )
}
