import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useFormats, useMe } from '../app/context'
import { minorOf } from '../app/minor'
import { DeviceCheck } from '../call/DeviceCheck'
import type { Modality } from '../call'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import type { Draft } from './draft'
import type { Placing } from './usePlace'
import { useState } from 'react'

/** The last step before the queue: is one heard, is one seen. Without a microphone nobody is talked to, so nobody waits without. */
export function DeviceStep({ modality, draft, place, onSubmit, onPrice }: { modality: Modality; draft: Draft; place: Placing; onSubmit: () => void; onPrice: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const { currency } = useMe().tenant
  const [heard, setHeard] = useState(false)
  const aside = { amount: (minorOf(draft.ceiling, currency) ?? 0) * draft.minutes, currency }
  const price = place.code === 'ceiling_too_low' || place.code === 'funds_insufficient'
  return (
    <div className="flex flex-col gap-5">
      <DeviceCheck modality={modality} onReady={setHeard} />
      {place.error !== null && <ErrorNote error={place.error} />}
      {price && (
        <Button size="lg" onClick={onPrice}>
          {t('ask.price')}
        </Button>
      )}
      {place.code === 'queue_closed' && (
        <Link href="/advice/appointments/new" className="inline-flex min-h-11 items-center justify-center font-semibold text-brand underline">
          {t('book.instead')}
        </Link>
      )}
      <Button kind="primary" size="lg" busy={place.busy} disabled={!heard} onClick={onSubmit}>
        {t('ask.submit', { amount: f.money(aside) })}
      </Button>
    </div>
  )
}
