import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type { Booking } from '../api/types'
import { useAction } from '../app/action'
import { useFormats, useHttp, useNow } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Icon } from '../design/icons'
import { Sheet } from '../design/Sheet'
import { wallTime } from '../i18n/format'

/** Says what cancelling costs before it is done, by the same cut-off that the server will apply. */
export function CancelSheet({ booking: b, onClose }: { booking: Booking; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const now = useNow(1000)
  const cancel = useAction(useCallback((_: null, key: string) => http.post<Booking>(`/v1/bookings/${b.id}/cancel`, { key }), [http, b.id]))
  const submit = async () => {
    const r = await cancel.act(null)
    if (!r) return
    cache.setQueryData(['booking', b.id], r)
    void cache.invalidateQueries({ queryKey: ['bookings'] })
    onClose()
  }
  const until = b.cancel_until
  const free = until === undefined || now < Date.parse(until)
  const cash = b.pay === 'cash'
  return (
    <Sheet
      open
      onOpenChange={(o) => !o && onClose()}
      title={t('cancel.title')}
      footer={
        <div className="flex flex-col gap-2">
          {cancel.error !== null && <ErrorNote error={cancel.error} />}
          <Button kind="danger" size="lg" busy={cancel.busy} onClick={() => void submit()}>
            {t('cancel.submit')}
          </Button>
          <Button kind="plain" onClick={onClose}>
            {t('cancel.keep')}
          </Button>
        </div>
      }
    >
      <div className={`flex gap-3 rounded-control p-4 ${free ? 'bg-good-soft text-good' : 'bg-held-soft text-held'}`}>
        <Icon name={free ? 'check' : 'clock'} className="mt-0.5" />
        <div>
          <p className="font-semibold">
            {free ? (until ? t('cancel.freeUntil', { time: f.time(wallTime(b.from, until)) }) : t('cancel.free')) : t('cancel.late', { time: until ? f.time(wallTime(b.from, until)) : '' })}
          </p>
          <p className="mt-1 text-ink">{cash ? t('cancel.cash') : free ? t('cancel.refundAll') : t('cancel.refundNone')}</p>
        </div>
      </div>
      <p className="mt-4 text-muted">{t('cancel.consequence')}</p>
    </Sheet>
  )
}
