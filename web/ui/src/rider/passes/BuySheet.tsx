import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { useAction } from '../../app/action'
import { useFormats, useHttp } from '../../app/context'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Sheet } from '../../design/Sheet'
import { Terms } from './Terms'
import type { PassBought, PassProduct } from './types'

/** Paid from the wallet, a pass is good at once. */
export function BuySheet({ product: p, onClose }: { product: PassProduct; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const [, go] = useLocation()
  const buy = useAction(useCallback((v: { product: string; pay: 'wallet' }, key: string) => http.post<PassBought>('/v1/passes', { body: v, key }), [http]))
  const submit = async () => {
    const done = await buy.act({ product: p.id, pay: 'wallet' })
    if (!done) return
    void cache.invalidateQueries({ queryKey: ['passes'] })
    void cache.invalidateQueries({ queryKey: ['wallet'] })
    go(`/passes/${done.pass}`)
    onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={<bdi>{p.name}</bdi>} description={t('passes.fromWallet')}>
      <div className="flex flex-col gap-4">
        <Terms of={p} />
        {p.refund_days > 0 && <p className="text-sm text-muted">{t('passes.refundIn', { n: f.n(p.refund_days) })}</p>}
        {buy.error !== null && <ErrorNote error={buy.error} />}
        <Button kind="primary" size="lg" busy={buy.busy} onClick={() => void submit()}>
          {t('passes.pay', { amount: f.money(p.price) })}
        </Button>
      </div>
    </Sheet>
  )
}
