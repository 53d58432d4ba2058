// The acquirer's own form. What a payer types into it goes from their browser to the acquirer and never through us; the
// script is loaded when somebody pays and not before.

export type CardElement = {
  mount(at: HTMLElement): void
  destroy(): void
  on(event: 'ready' | 'change', heard: (e: { complete?: boolean; error?: { message?: string } }) => void): unknown
}
export type AcquirerError = { code?: string; decline_code?: string; type?: string; message?: string }
export type Acquirer = {
  elements(o?: { locale?: string }): { create(kind: 'card', o?: Record<string, unknown>): CardElement }
  /** Without a card the one that is known already goes on: its bank is shown. */
  confirmCardPayment(secret: string, data?: { payment_method: { card: CardElement } }): Promise<{ error?: AcquirerError; paymentIntent?: { status: string } }>
  confirmCardSetup(secret: string, data?: { payment_method: { card: CardElement } }): Promise<{ error?: AcquirerError; setupIntent?: { status: string } }>
}

declare global {
  interface Window {
    Stripe?: (key: string) => Acquirer
  }
}

const loading = new Map<string, Promise<void>>()

function load(script: string): Promise<void> {
  const before = loading.get(script)
  if (before) return before
  const now = new Promise<void>((resolve, reject) => {
    const el = document.createElement('script')
    el.src = script
    el.async = true
    el.onload = () => resolve()
    el.onerror = () => {
      loading.delete(script) // the network may be back at the next try
      el.remove()
      reject(new Error('the payment form could not be loaded'))
    }
    document.head.append(el)
  })
  loading.set(script, now)
  return now
}

export async function openAcquirer(script: string, key: string): Promise<Acquirer> {
  await load(script)
  if (!window.Stripe) throw new Error('the payment form is not there')
  return window.Stripe(key)
}

export type Refusal = 'funds' | 'expired' | 'details' | 'bank' | 'declined' | 'unanswered'

/** Why a card was not taken, in the few ways that a payer can do something about. */
export function refusalOf(e: AcquirerError): Refusal {
  const code = e.decline_code ?? e.code ?? ''
  if (code === 'insufficient_funds') return 'funds'
  if (code === 'expired_card') return 'expired'
  if (/^(incorrect|invalid)_/.test(code) || e.type === 'validation_error') return 'details'
  if (code === 'payment_intent_authentication_failure' || code === 'setup_intent_authentication_failure' || code === 'authentication_required') return 'bank'
  if (e.type === 'api_connection_error') return 'unanswered'
  return 'declined'
}

/** The same of what the server tells of the last attempt. */
export function refusalSaid(decline: string | undefined): Refusal | null {
  switch (decline) {
    case undefined:
    case '':
      return null
    case 'insufficient_funds':
      return 'funds'
    case 'card_expired':
      return 'expired'
    case 'wrong_details':
      return 'details'
    case 'authentication_failed':
      return 'bank'
    default:
      return 'declined'
  }
}
