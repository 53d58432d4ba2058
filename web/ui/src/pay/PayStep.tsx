import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../app/context'
import { Button } from '../design/Button'
import { Skeleton } from '../design/feedback'
import { Icon } from '../design/icons'
import { currentLocale } from '../i18n'
import { openAcquirer, refusalOf, refusalSaid, type Acquirer, type CardElement, type Refusal } from './acquirer'
import type { NextStep, PaymentStep } from './payment'
import { Seller } from './Seller'

/** What is left for a payer to do: the acquirer's form inside our page, a page of theirs, or a transfer described in words. */
export function PayStep({ step, onPaid }: { step: PaymentStep; onPaid: () => void }) {
  return (
    <div className="flex w-full flex-col gap-3">
      <Step step={step} onPaid={onPaid} />
      <Seller name={step.merchant} />
    </div>
  )
}

function Step({ step, onPaid }: { step: PaymentStep; onPaid: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  switch (step.next?.kind) {
    case 'form':
    case 'approve':
      return <CardStep key={step.next.client_secret} next={step.next} refused={refusalSaid(step.decline)} submit={t('pay.submit', { amount: f.money(step.amount) })} onDone={onPaid} />
    case 'page':
      return <AcquirerPage next={step.next} />
    case 'words':
      return <p className="w-full rounded-control bg-sunken p-4 whitespace-pre-line">{step.next.instructions}</p>
    default:
      return <Waiting>{t('pay.waiting')}</Waiting>
  }
}

type CardStepProps = { next: NextStep; submit: string; onDone: () => void; refused?: Refusal | null; setup?: boolean }

/** A card that is to be typed; or one whose bank wants to see its owner, who may still type another. */
export function CardStep(props: CardStepProps) {
  const [other, setOther] = useState(false)
  return props.next.kind === 'approve' && !other ? <Approve {...props} onOther={() => setOther(true)} /> : <CardForm {...props} />
}

function Approve({ next, setup = false, onDone, onOther }: CardStepProps & { onOther: () => void }) {
  const { t } = useTranslation()
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const approve = async () => {
    setBusy(true)
    setRefusal(null)
    try {
      const acquirer = await openAcquirer(next.script ?? '', next.key ?? '')
      const r = await (setup ? acquirer.confirmCardSetup(next.client_secret ?? '') : acquirer.confirmCardPayment(next.client_secret ?? ''))
      if (!r.error) return onDone()
      setRefusal(refusalOf(r.error))
    } catch {
      setRefusal('unanswered')
    }
    setBusy(false)
  }
  return (
    <div className="flex w-full flex-col gap-4">
      <p className="flex gap-2.5 rounded-control bg-brand-soft p-3.5 font-medium text-brand">
        <Icon name="lock" className="mt-0.5" />
        <span>{t('pay.approveHint')}</span>
      </p>
      {refusal && <Refused why={refusal} />}
      <Button kind="primary" size="lg" className="w-full" busy={busy} onClick={() => void approve()}>
        {t('pay.approve')}
      </Button>
      <Button className="w-full" disabled={busy} onClick={onOther}>
        {t('cards.another')}
      </Button>
    </div>
  )
}

function Refused({ why }: { why: Refusal }) {
  const { t } = useTranslation()
  return (
    <p role="alert" className="flex gap-2.5 rounded-control bg-bad-soft p-3.5 font-medium text-bad">
      <Icon name="warn" className="mt-0.5" />
      <span>{t(`pay.refused.${why}`)}</span>
    </p>
  )
}

function CardForm({ next, submit: word, onDone, refused = null, setup = false }: CardStepProps) {
  const { t } = useTranslation()
  const field = useRef<HTMLDivElement>(null)
  const open = useRef<{ acquirer: Acquirer; card: CardElement } | null>(null)
  const [state, setState] = useState<'loading' | 'ready' | 'busy' | 'broken'>('loading')
  const [refusal, setRefusal] = useState<Refusal | null>(refused)
  const [attempt, setAttempt] = useState(0)
  const { script = '', key = '', client_secret: secret = '' } = next

  useEffect(() => {
    let gone = false
    openAcquirer(script, key)
      .then((acquirer) => {
        if (gone || !field.current) return
        const look = getComputedStyle(document.documentElement)
        const card = acquirer.elements({ locale: currentLocale() }).create('card', {
          hidePostalCode: true,
          style: { base: { fontSize: '16px', color: look.getPropertyValue('--ink').trim() || undefined, '::placeholder': { color: look.getPropertyValue('--muted').trim() || undefined } } },
        })
        card.mount(field.current)
        open.current = { acquirer, card }
        setState('ready')
      })
      .catch(() => !gone && setState('broken'))
    return () => {
      gone = true
      open.current?.card.destroy()
      open.current = null
    }
  }, [script, key, attempt])

  const submit = async () => {
    if (!open.current) return
    setState('busy')
    setRefusal(null)
    try {
      const { acquirer, card } = open.current
      const r = await (setup ? acquirer.confirmCardSetup(secret, { payment_method: { card } }) : acquirer.confirmCardPayment(secret, { payment_method: { card } }))
      if (r.error) {
        setRefusal(refusalOf(r.error))
        setState('ready')
        return
      }
      onDone()
    } catch {
      setRefusal('unanswered') // perhaps it was paid: the live booking tells, and paying again is the same payment
      setState('ready')
    }
  }

  if (state === 'broken') {
    return (
      <div role="alert" className="flex w-full flex-col items-center gap-3 rounded-control bg-bad-soft p-4 text-center">
        <p className="font-medium">{t('pay.noForm')}</p>
        <Button
          size="sm"
          onClick={() => {
            setState('loading')
            setAttempt((n) => n + 1)
          }}
        >
          {t('action.retry')}
        </Button>
      </div>
    )
  }
  return (
    <form
      className="flex w-full flex-col gap-4"
      aria-label={t('pay.card')}
      onSubmit={(e) => {
        e.preventDefault()
        void submit()
      }}
    >
      {state === 'loading' && <Skeleton className="h-28 rounded-control" />}
      {/* Ours is the frame; what is inside belongs to the acquirer. */}
      <div ref={field} className={state === 'loading' ? 'hidden' : 'acquirer-card rounded-control border border-control bg-raised p-3.5'} />
      {refusal && <Refused why={refusal} />}
      <Button kind="primary" size="lg" type="submit" busy={state === 'busy'} disabled={state === 'loading'} className="w-full">
        {word}
      </Button>
      <p className="flex items-center justify-center gap-1.5 text-center text-sm text-muted">
        <Icon name="lock" size={15} />
        {t('pay.direct')}
      </p>
    </form>
  )
}

/** A page of the acquirer's: by a link, or by a form that the browser posts with the fields that were signed for it. */
function AcquirerPage({ next }: { next: NextStep }) {
  const { t } = useTranslation()
  return (
    <form action={next.url} method={next.method === 'POST' ? 'post' : 'get'} className="w-full">
      {Object.entries(next.fields ?? {}).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <Button kind="primary" size="lg" type="submit" className="w-full">
        {t('pay.goOn')}
      </Button>
    </form>
  )
}

export function Waiting({ children }: { children: string }) {
  return (
    <div role="status" className="flex w-full flex-col items-center gap-3 rounded-control bg-brand-soft p-5 text-center text-brand">
      <span className="animate-breathe">
        <Icon name="clock" size={28} />
      </span>
      <p className="font-semibold">{children}</p>
    </div>
  )
}
