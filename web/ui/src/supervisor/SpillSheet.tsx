import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useFormats, useHttp } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Sheet } from '../design/Sheet'
import type { Queue } from './types'

/** Opening the overflow: said once, and told what it did. */
export function SpillSheet({ queue, into, onClose }: { queue: Queue; into: Queue; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const [moved, setMoved] = useState<number | null>(null)
  const spill = useAction(useCallback((id: string, key: string) => http.post<{ moved: number }>(`/v1/queues/${id}/overflow`, { key }), [http]))
  const open = async () => {
    const done = await spill.act(queue.id)
    if (!done) return
    setMoved(done.moved)
    void cache.invalidateQueries({ queryKey: ['queues'] })
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('queues.spill')} description={t('queues.spillHint', { into: into.name })}>
      <div className="flex flex-col gap-4">
        {spill.error !== null && <ErrorNote error={spill.error} />}
        {moved === null ? (
          <Button kind="primary" size="lg" busy={spill.busy} onClick={() => void open()}>
            {t('queues.spillSubmit')}
          </Button>
        ) : (
          <>
            <p role="status" className="font-semibold">
              {t('queues.spilt', { n: f.n(moved), into: into.name })}
            </p>
            <Button onClick={onClose}>{t('action.close')}</Button>
          </>
        )}
      </div>
    </Sheet>
  )
}
