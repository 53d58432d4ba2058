import { Suspense, useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { useQueryClient } from '@tanstack/react-query'
import { CallPage, isOver, Receipt, useSession } from '../call'
import { Icon } from '../design/icons'
import { AfterTalk } from './afterTalk'
import { RateCard } from './RateCard'

/** A call while it goes on; afterwards what it cost, and how it was. */
export default function SessionPage({ id }: { id: string }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const { doc } = useSession(id)
  const [left, setLeft] = useState(false)
  const [, go] = useLocation()
  const next = doc?.transfer?.state === 'here' ? doc.transfer.session : undefined
  useEffect(() => {
    if (next) go(`/advice/sessions/${next}`, { replace: true }) // the other expert is there: coming to them is what ends this
  }, [next, go])
  const over = useCallback(() => {
    setLeft(true)
    void cache.invalidateQueries({ queryKey: ['sessions'] })
    void cache.invalidateQueries({ queryKey: ['wallet'] })
  }, [cache])
  if (!doc || (!left && !isOver(doc.state))) return <CallPage session={id} onOver={over} home="/advice" />
  const talked = doc.state === 'wrap_up' || doc.state === 'completed'
  const expert = Object.entries(doc.participants).find(([, p]) => p.role === 'expert')?.[0]
  const again = doc.reason === 'no_expert' || doc.reason === 'no_media'
  return (
    <div className="mx-auto flex w-full max-w-md flex-col gap-4">
      <Receipt doc={doc} />
      {doc.transfer?.state === 'done' && doc.transfer.session && (
        <Link href={`/advice/sessions/${doc.transfer.session}`} className="flex items-center gap-3 rounded-card bg-brand p-4 font-semibold text-on-brand">
          <Icon name="people" />
          <span className="flex-1">{t('rate.goesOn')}</span>
          <Icon name="next" size={18} />
        </Link>
      )}
      {again && (
        <Link href={`/advice/requests/${doc.request}`} className="flex items-center gap-3 rounded-card bg-brand p-4 font-semibold text-on-brand">
          <Icon name="clock" />
          <span className="flex-1">{t('rate.waitsAgain')}</span>
          <Icon name="next" size={18} />
        </Link>
      )}
      {talked && <RateCard session={id} />}
      <Suspense fallback={null}>
        <AfterTalk session={id} {...(talked && expert ? { expert } : {})} />
      </Suspense>
      <Link href="/advice" className="inline-flex min-h-12 items-center justify-center rounded-control border border-control bg-surface font-semibold hover:bg-sunken">
        {t('rate.home')}
      </Link>
    </div>
  )
}
